package smtpd.lka.expand;

import smtpd.core.mail.Bytes;
import smtpd.core.smtp.AddressParser;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// Reads values of alias and virtual tables, include files and `.forward`.
///
/// A value is a list of nodes separated by commas. A node may stand in double quotes, in which a
/// backslash makes the next character ordinary; outside of quotes a backslash does so for a comma,
/// a quote, a `#`, another backslash, and at the beginning of a node. The text of a node is tried
/// as, in this order: `error:`, `:include:`, `|command`, `/file`, an address with `@`, a user name
/// of letters, digits and `.` `_` `-` `+` (OpenSMTPD: aliases.c, expand.c).
public final class NodeParser {
    /// Longest user name (OpenSMTPD: the same).
    static final int USER_MAX = 255;

    /// Size of a `.forward` from which on it is not read (OpenSMTPD: the same).
    static final int FORWARD_SIZE_MAX = 4096;

    private static final String ERROR = "error:";
    private static final String INCLUDE = ":include:";

    private static final Pattern USER = Pattern.compile("[A-Za-z0-9._+-]+");

    private NodeParser() {}

    /// What became of a text.
    public sealed interface Result {
        /// The nodes in order.
        record Nodes(List<Node> nodes) implements Result {}

        /// Not a list of nodes.
        ///
        /// @param reason why
        record Malformed(String reason) implements Result {}
    }

    /// Reads the value of a table entry.
    public static Result value(String value) {
        List<Node> nodes = new ArrayList<>();
        Optional<String> wrong = addAll(value, nodes);
        return wrong.isPresent() ? new Result.Malformed(wrong.get()) : new Result.Nodes(nodes);
    }

    /// Reads an include file or a `.forward`: a value on each line; blank lines and lines that
    /// begin with `#` do not count.
    public static Result lines(String text) {
        List<Node> nodes = new ArrayList<>();
        int number = 0;
        for (String line : text.split("\n", -1)) {
            number++;
            String stripped = line.strip();
            if (stripped.isEmpty() || stripped.charAt(0) == '#') {
                continue;
            }
            Optional<String> wrong = addAll(stripped, nodes);
            if (wrong.isPresent()) {
                return new Result.Malformed("line " + number + ": " + wrong.get());
            }
        }
        return new Result.Nodes(nodes);
    }

    /// Reads a `.forward`, which must be smaller than [#FORWARD_SIZE_MAX] bytes.
    public static Result forward(Bytes content) {
        return content.length() >= FORWARD_SIZE_MAX
                ? new Result.Malformed("too large")
                : lines(content.utf8());
    }

    private static Optional<String> addAll(String value, List<Node> nodes) {
        for (String text : split(value)) {
            String raw = text.strip();
            if (raw.isEmpty()) {
                continue;
            }
            if (nodes.size() > Expander.NODES_MAX) {
                // one too many is enough to be refused
                break;
            }
            Optional<Node> node = node(unquoted(raw));
            if (node.isEmpty()) {
                return Optional.of("not an expansion node: " + Printable.of(raw));
            }
            nodes.add(node.get());
        }
        return Optional.empty();
    }

    /// Splits at commas outside of quotes; quotes and backslashes stay.
    private static List<String> split(String value) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\\' && i + 1 < value.length()) {
                part.append(c).append(value.charAt(++i));
            } else if (c == ',' && !quoted) {
                parts.add(part.toString());
                part.setLength(0);
            } else {
                quoted ^= c == '"';
                part.append(c);
            }
        }
        parts.add(part.toString());
        return parts;
    }

    /// A node without the quotes around it or around the command of a `|"…"`, and without
    /// backslashes. The quotes of an address or of a part of a command stay.
    private static String unquoted(String raw) {
        if (isQuoted(raw, 0)) {
            return unescaped(raw.substring(1, raw.length() - 1), "");
        }
        if (raw.charAt(0) == '|' && isQuoted(raw, 1)) {
            return "|" + unescaped(raw.substring(2, raw.length() - 1), "");
        }
        if (raw.charAt(0) == '|' || raw.charAt(0) == '"') {
            return raw.charAt(0) == '"' ? raw : unescaped(raw, ",#");
        }
        return unescaped(raw.charAt(0) == '\\' ? raw.substring(1) : raw, ",\"#\\");
    }

    private static boolean isQuoted(String raw, int from) {
        if (raw.length() < from + 2 || raw.charAt(from) != '"') {
            return false;
        }
        int end = from + 1;
        while (end < raw.length() && raw.charAt(end) != '"') {
            end += raw.charAt(end) == '\\' ? 2 : 1;
        }
        return end == raw.length() - 1;
    }

    /// Takes away each backslash before one of `which`; before any character if that is empty.
    private static String unescaped(String text, String which) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            boolean escape = text.charAt(i) == '\\' && i + 1 < text.length();
            if (escape && (which.isEmpty() || which.indexOf(text.charAt(i + 1)) >= 0)) {
                i++;
            }
            out.append(text.charAt(i));
        }
        return out.toString();
    }

    private static Optional<Node> node(String text) {
        if (startsWith(text, ERROR)) {
            return error(text.substring(ERROR.length()).strip());
        }
        if (startsWith(text, INCLUDE)) {
            String path = text.substring(INCLUDE.length()).strip();
            return path.startsWith("/") && !hasControls(path)
                    ? Optional.of(new Node.Include(path))
                    : Optional.empty();
        }
        if (hasControls(text)) {
            return Optional.empty();
        }
        if (text.startsWith("|")) {
            String command = text.substring(1).strip();
            return command.isEmpty() ? Optional.empty() : Optional.of(new Node.Pipe(command));
        }
        if (text.startsWith("/")) {
            return Optional.of(new Node.AppendTo(text));
        }
        return text.indexOf('@') >= 0 ? address(text) : user(text);
    }

    private static boolean startsWith(String text, String prefix) {
        return text.regionMatches(true, 0, prefix, 0, prefix.length());
    }

    private static boolean hasControls(String text) {
        return text.chars().anyMatch(c -> c < 0x20 || c == 0x7f);
    }

    private static Optional<Node> error(String text) {
        if (!text.matches("[45][0-9][0-9]( .*)?")) {
            return Optional.empty();
        }
        String said = text.substring(3).strip();
        return Optional.of(
                new Node.Refuse(Integer.parseInt(text.substring(0, 3)), Printable.of(said)));
    }

    private static Optional<Node> address(String text) {
        return switch (AddressParser.parseMailbox(text, true)) {
            case AddressParser.Result.Parsed parsed when !parsed.address().domain().isEmpty() ->
                    Optional.of(new Node.Address(parsed.address()));
            case AddressParser.Result.Parsed _, AddressParser.Result.Invalid _ -> Optional.empty();
        };
    }

    private static Optional<Node> user(String text) {
        return text.length() <= USER_MAX && USER.matcher(text).matches()
                ? Optional.of(new Node.User(text.toLowerCase(Locale.ROOT)))
                : Optional.empty();
    }
}
