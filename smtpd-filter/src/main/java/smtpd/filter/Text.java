package smtpd.filter;

import java.nio.charset.StandardCharsets;

/// Makes texts of strangers harmless.
public final class Text {
    private Text() {}

    /// The text with everything that is not printable ASCII as `?`, cut to a length. For what comes
    /// from the network and goes into a reply, a field or the log.
    ///
    /// @param lengthMax at least 4; a text that is cut ends in `...`
    public static String printable(String text, int lengthMax) {
        StringBuilder clean = new StringBuilder();
        for (int at = 0; at < text.length() && clean.length() <= lengthMax; at++) {
            char next = text.charAt(at);
            clean.append(next >= ' ' && next <= '~' ? next : '?');
        }
        if (clean.length() > lengthMax) {
            clean.setLength(lengthMax - 3);
            clean.append("...");
        }
        return clean.toString();
    }

    static int utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
