package smtpd.filter.wire;

/// Texts of DNS as they are written in lines: a backslash before a backslash, and before three
/// decimal digits for a byte that does not print (RFC 1035 §5.1).
public final class DnsText {
    private static final int DIGITS = 3;
    private static final int BYTE_MAX = 255;

    private DnsText() {}

    /// The text that was written; one character for each byte.
    public static String read(String written) throws ProtocolException {
        StringBuilder text = new StringBuilder();
        int at = 0;
        while (at < written.length()) {
            char next = written.charAt(at);
            if (next != '\\') {
                text.append(next);
                at++;
            } else if (at + 1 < written.length() && written.charAt(at + 1) == '\\') {
                text.append('\\');
                at += 2;
            } else {
                text.append((char) number(written, at + 1));
                at += 1 + DIGITS;
            }
        }
        return text.toString();
    }

    private static int number(String written, int at) throws ProtocolException {
        int value = 0;
        for (int i = at; i < at + DIGITS; i++) {
            int digit = i < written.length() ? Character.digit(written.charAt(i), 10) : -1;
            if (digit < 0) {
                throw new ProtocolException("not an escaped byte in: " + written);
            }
            value = value * 10 + digit;
        }
        if (value > BYTE_MAX) {
            throw new ProtocolException("not a byte in: " + written);
        }
        return value;
    }
}
