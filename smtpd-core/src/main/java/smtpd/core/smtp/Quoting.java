package smtpd.core.smtp;

/// The quotes around a local part: on the wire they are there when its content needs them (RFC 5321
/// §4.1.2), and are no part of the name.
public final class Quoting {
    private static final String ATEXT = "!#$%&'*+-/=?^_`{|}~";

    private Quoting() {}

    /// What a local part means: itself, or what stands in its quotes.
    public static String content(String localPart) {
        if (localPart.length() < 2 || !localPart.startsWith("\"") || !localPart.endsWith("\"")) {
            return localPart;
        }
        StringBuilder content = new StringBuilder();
        for (int i = 1; i < localPart.length() - 1; i++) {
            if (localPart.charAt(i) == '\\' && i + 2 < localPart.length()) {
                i++;
            }
            content.append(localPart.charAt(i));
        }
        return content.toString();
    }

    /// A local part that means `content`, in quotes if it cannot do without.
    public static String localPart(String content) {
        if (isDotString(content)) {
            return content;
        }
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < content.length(); i++) {
            char c = content.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\');
            }
            quoted.append(c);
        }
        return quoted.append('"').toString();
    }

    private static boolean isDotString(String content) {
        return !content.isEmpty()
                && !content.startsWith(".")
                && !content.endsWith(".")
                && !content.contains("..")
                && content.chars().allMatch(c -> c == '.' || isAtext(c));
    }

    private static boolean isAtext(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c > 0x9f
                || ATEXT.indexOf(c) >= 0;
    }
}
