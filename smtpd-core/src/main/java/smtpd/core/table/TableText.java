package smtpd.core.table;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Idna;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Locale;

/// The text of a table, read line by line, so that its size costs no memory.
///
/// One entry on each line; blank lines and lines that begin with `#` do not count. The first entry
/// tells what the file is: a key with a value makes it keys and values, a lone key a list. A
/// comment `# @list` before the first entry makes it a list whose entries may hold blanks and
/// colons. Key and value are separated by blanks, a colon, or both; a key in brackets (`[::1]`) may
/// hold colons. A value that ends with a comma goes on in the next line, if that begins with a
/// blank.
public final class TableText {
    /// The longest line in characters: a mailing list of ten thousand members, and far from what
    /// would fill the heap.
    public static final int LINE_MAX = 1 << 20;

    private static final int BUFFER = 1 << 14;

    private static final String LIST_MARK = "@list";

    /// What a text is.
    public enum Kind {
        /// No entry tells.
        UNKNOWN,
        /// Entries without values.
        LIST,
        /// Keys and values.
        MAPPING
    }

    /// Takes the entries in order.
    @FunctionalInterface
    public interface Sink {
        /// An entry.
        ///
        /// @param key the key, or the whole entry of a list, as written
        /// @param value its value; empty in a list
        void entry(String key, String value) throws IOException;
    }

    private final Sink sink;
    private Kind kind;
    private String key = "";
    private String value = "";

    private TableText(Kind kind, Sink sink) {
        this.kind = kind;
        this.sink = sink;
    }

    /// The form in which keys are compared: in lower case; beyond ASCII a domain, which is what
    /// follows the last `@` or has a dot, with A-labels, and everything else composed (NFC).
    public static String fold(String key) {
        if (Idna.isAscii(key)) {
            return key.toLowerCase(Locale.ROOT);
        }
        int at = key.lastIndexOf('@');
        if (at < 0 && key.indexOf('.') < 0) {
            return composed(key);
        }
        return composed(key.substring(0, at + 1)) + Idna.key(key.substring(at + 1));
    }

    private static String composed(String text) {
        return Normalizer.normalize(text.toLowerCase(Locale.ROOT), Normalizer.Form.NFC);
    }

    /// Reads a whole text, which the first entry tells the kind of. Bytes that are not UTF-8 are
    /// read as replacement characters: one stray byte in a comment must not cost the table.
    ///
    /// @throws Malformed naming the first line that is no entry
    public static Kind read(InputStream in, Sink sink) throws IOException, Malformed {
        return read(in, Kind.UNKNOWN, sink);
    }

    /// Reads a whole text that is of a kind, unless that is `UNKNOWN`.
    ///
    /// @throws Malformed naming the first line that is no entry of that kind
    public static Kind read(InputStream in, Kind kind, Sink sink) throws IOException, Malformed {
        TableText text = new TableText(kind, sink);
        Lines lines = new Lines(in);
        @Nullable String line = lines.next();
        while (line != null) {
            text.line(line, lines.number);
            line = lines.next();
        }
        text.flush();
        return text.kind;
    }

    /// The lines of a text, none longer than [#LINE_MAX].
    private static final class Lines {
        private final Reader reader;
        private final char[] buffer = new char[BUFFER];
        private int at;
        private int end;
        private int number;

        Lines(InputStream in) {
            reader =
                    new InputStreamReader(
                            in,
                            StandardCharsets.UTF_8
                                    .newDecoder()
                                    .onMalformedInput(CodingErrorAction.REPLACE)
                                    .onUnmappableCharacter(CodingErrorAction.REPLACE));
        }

        /// The next line; null at the end.
        @Nullable String next() throws IOException, Malformed {
            number++;
            if (at == end && !fill()) {
                return null;
            }
            StringBuilder line = new StringBuilder();
            do {
                int from = at;
                while (at < end && buffer[at] != '\n') {
                    at++;
                }
                line.append(buffer, from, at - from);
                if (line.length() > LINE_MAX) {
                    throw new Malformed(number, "longer than " + LINE_MAX);
                }
                if (at < end) {
                    at++;
                    return line.toString();
                }
            } while (fill());
            return line.toString();
        }

        private boolean fill() throws IOException {
            at = 0;
            end = Math.max(0, reader.read(buffer));
            return end > 0;
        }
    }

    private void line(String raw, int number) throws IOException, Malformed {
        String line = raw.strip();
        if (line.isEmpty()) {
            return;
        }
        if (line.charAt(0) == '#') {
            if (kind == Kind.UNKNOWN && line.substring(1).strip().equals(LIST_MARK)) {
                kind = Kind.LIST;
            }
            return;
        }
        if (value.endsWith(",") && Character.isWhitespace(raw.charAt(0))) {
            value += " " + line;
            if (value.length() > LINE_MAX) {
                throw new Malformed(number, "longer than " + LINE_MAX);
            }
            return;
        }
        flush();
        int end = kind == Kind.LIST ? line.length() : keyEnd(line);
        if (end < 0) {
            throw new Malformed(number, "no closing bracket");
        }
        if (kind == Kind.UNKNOWN) {
            kind = end == line.length() ? Kind.LIST : Kind.MAPPING;
        }
        if (end == 0) {
            throw new Malformed(number, "no key before the value");
        }
        key = line.substring(0, end);
        value = value(line, end);
        if (kind == Kind.MAPPING && value.isEmpty()) {
            throw new Malformed(number, "key without a value");
        }
    }

    private void flush() throws IOException {
        if (!key.isEmpty()) {
            sink.entry(key, value);
        }
        key = "";
        value = "";
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

        private final int line;
        private final String reason;

        /// @param line its number, from 1
        /// @param reason what is wrong with it
        public Malformed(int line, String reason) {
            super("line " + line + ": " + reason);
            this.line = line;
            this.reason = reason;
        }

        /// `FILE:LINE: reason`.
        public String in(String file) {
            return file + ":" + line + ": " + reason;
        }
    }
}
