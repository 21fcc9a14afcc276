package smtpd.lka.table;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The text of a file table.
///
/// One entry on each line; blank lines and lines that begin with `#` do not count. The first entry
/// tells what the file is: a key with a value makes it keys and values, a lone key a list. A
/// comment `# @list` before the first entry makes it a list whose entries may hold blanks and
/// colons. Key and value are separated by blanks, a colon, or both; a key in brackets (`[::1]`) may
/// hold colons.
public final class TableText {
    private static final String LIST_MARK = "@list";

    private enum Kind {
        UNKNOWN,
        LIST,
        MAPPING
    }

    private Kind kind = Kind.UNKNOWN;
    private final List<String> list = new ArrayList<>();
    private final Map<String, String> mapping = new LinkedHashMap<>();

    private TableText() {}

    /// Reads a whole text; throws [Malformed] naming the first line that is no entry.
    public static Entries parse(String whole) throws Malformed {
        TableText text = new TableText();
        Iterator<String> lines = whole.lines().iterator();
        for (int number = 1; lines.hasNext(); number++) {
            text.line(lines.next().strip(), number);
        }
        return text.kind == Kind.MAPPING ? Entries.mapping(text.mapping) : Entries.list(text.list);
    }

    private void line(String line, int number) throws Malformed {
        if (line.isEmpty()) {
            return;
        }
        if (line.charAt(0) == '#') {
            if (kind == Kind.UNKNOWN && line.substring(1).strip().equals(LIST_MARK)) {
                kind = Kind.LIST;
            }
            return;
        }
        int end = keyEnd(line);
        if (end < 0) {
            throw new Malformed("line " + number + ": no closing bracket");
        }
        if (kind == Kind.UNKNOWN) {
            kind = end == line.length() ? Kind.LIST : Kind.MAPPING;
        }
        if (kind == Kind.LIST) {
            list.add(line);
            return;
        }
        String value = value(line, end);
        if (value.isEmpty()) {
            throw new Malformed("line " + number + ": a key without a value");
        }
        mapping.put(line.substring(0, end), value);
    }

    private static int keyEnd(String line) {
        if (line.charAt(0) == '[') {
            return line.indexOf(']') + 1 == 0 ? -1 : line.indexOf(']') + 1;
        }
        int end = 0;
        while (end < line.length() && " \t:".indexOf(line.charAt(end)) < 0) {
            end++;
        }
        return end;
    }

    private static String value(String line, int keyEnd) {
        String rest = line.substring(keyEnd);
        if (rest.startsWith(":")) {
            return rest.substring(1).strip();
        }
        rest = rest.strip();
        // "key : value"; but "key ::1" has an address for a value
        return rest.startsWith(": ") || rest.startsWith(":\t") ? rest.substring(1).strip() : rest;
    }

    /// A line that is no entry.
    public static final class Malformed extends Exception {
        private static final long serialVersionUID = 1;

        Malformed(String message) {
            super(message);
        }
    }
}
