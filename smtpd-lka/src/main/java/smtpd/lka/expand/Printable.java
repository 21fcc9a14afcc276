package smtpd.lka.expand;

/// Text that may reach a reply or a log line: printable ASCII, one line, bounded.
public final class Printable {
    /// Longest text: a reply line has at most 512 octets (RFC 5321 §4.5.3.1.5), with code, status
    /// and recipient in it.
    static final int MAX = 200;

    private Printable() {}

    /// The text, with a question mark for what cannot be shown.
    public static String of(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), MAX); i++) {
            char c = text.charAt(i);
            out.append(c >= 0x20 && c < 0x7f ? c : '?');
        }
        return out.toString();
    }
}
