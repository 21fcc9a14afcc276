package smtpd.core.conf;

/// Strings as the language writes them.
final class Quoting {
    private Quoting() {}

    /// The text in double quotes, or, when it ends in a backslash, which no string in quotes can,
    /// as a word with every backslash doubled.
    static String quote(String text) {
        if (text.endsWith("\\")) {
            return text.replace("\\", "\\\\");
        }
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean afterBackslash = i > 0 && text.charAt(i - 1) == '\\';
            if (c == '"' || (afterBackslash && (c == ' ' || c == '\t'))) {
                quoted.append('\\');
            }
            quoted.append(c);
        }
        return quoted.append('"').toString();
    }
}
