package smtpd.core.message;

import java.util.Locale;

/// The type of a body part (RFC 2045 §5.1), as far as its boundaries and encodings depend on it.
/// Lenient: what cannot be read is `application/octet-stream`, of which nothing is assumed.
///
/// @param type in lower case
/// @param subtype in lower case
/// @param boundary of a multipart; empty if it names none
record ContentType(String type, String subtype, String boundary) {
    /// RFC 2045 §5.2.
    static final ContentType TEXT = new ContentType("text", "plain", "");

    /// RFC 2046 §5.1.5.
    static final ContentType MESSAGE = new ContentType("message", "rfc822", "");

    private static final ContentType UNKNOWN = new ContentType("application", "octet-stream", "");

    /// Longest boundary (RFC 2046 §5.1.1), and some more.
    private static final int BOUNDARY_MAX = 200;

    /// Reads the value of a Content-Type field.
    static ContentType of(String value) {
        String text = withoutComments(value);
        int end = text.indexOf(';');
        String name = (end < 0 ? text : text.substring(0, end)).strip().toLowerCase(Locale.ROOT);
        int slash = name.indexOf('/');
        if (slash < 1 || slash == name.length() - 1) {
            return UNKNOWN;
        }
        String boundary = end < 0 ? "" : boundary(text.substring(end + 1));
        return new ContentType(
                name.substring(0, slash).strip(), name.substring(slash + 1).strip(), boundary);
    }

    boolean isMultipart() {
        return type.equals("multipart");
    }

    /// A part whose body is again a header and a body.
    boolean isMessage() {
        return type.equals("message") && subtype.equals("rfc822");
    }

    /// What is inside may not change by a byte (RFC 1847 §2).
    boolean isSealed() {
        return isMultipart() && (subtype.equals("signed") || subtype.equals("encrypted"));
    }

    /// Whether an encoding may be put on a part of this type (RFC 2046 §5.2, RFC 6532 §3.5).
    boolean isEncodable() {
        return !isMultipart() && (!type.equals("message") || subtype.startsWith("global"));
    }

    /// RFC 5322 §3.2.2: what stands in parentheses outside of quotes.
    private static String withoutComments(String value) {
        StringBuilder out = new StringBuilder(value.length());
        int depth = 0;
        boolean quoted = false;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\\' && i + 1 < value.length() && (quoted || depth > 0)) {
                i++;
                if (depth == 0) {
                    out.append(c).append(value.charAt(i));
                }
            } else if (c == '"' && depth == 0) {
                quoted = !quoted;
                out.append(c);
            } else if (c == '(' && !quoted) {
                depth++;
            } else if (c == ')' && depth > 0) {
                depth--;
            } else if (depth == 0) {
                out.append(c);
            }
        }
        return out.toString();
    }

    private static String boundary(String parameters) {
        int at = 0;
        while (at < parameters.length()) {
            int equals = parameters.indexOf('=', at);
            if (equals < 0) {
                return "";
            }
            String name = parameters.substring(at, equals).strip().toLowerCase(Locale.ROOT);
            StringBuilder value = new StringBuilder();
            at = value(parameters, equals + 1, value);
            if (name.equals("boundary")) {
                return value.length() <= BOUNDARY_MAX ? value.toString() : "";
            }
        }
        return "";
    }

    /// Reads one value, quoted or not, and returns where the next parameter begins.
    private static int value(String text, int from, StringBuilder value) {
        int at = from;
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
            at++;
        }
        boolean quoted = at < text.length() && text.charAt(at) == '"';
        if (quoted) {
            at++;
        }
        while (at < text.length() && text.charAt(at) != (quoted ? '"' : ';')) {
            if (quoted && text.charAt(at) == '\\' && at + 1 < text.length()) {
                at++;
            }
            value.append(text.charAt(at++));
        }
        if (!quoted) {
            String bare = value.toString().strip();
            value.setLength(0);
            value.append(bare);
        }
        int next = text.indexOf(';', at);
        return next < 0 ? text.length() : next + 1;
    }
}
