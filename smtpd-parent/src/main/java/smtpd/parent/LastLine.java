package smtpd.parent;

import smtpd.core.smtp.Printable;

import java.nio.charset.StandardCharsets;

/// The last line that is not blank of what a command prints, however much that is: bounded memory,
/// printable text.
final class LastLine {
    /// Bytes kept of one line.
    static final int LINE_MAX = 512;

    private final byte[] line = new byte[LINE_MAX];
    private int length;
    private String last = "";

    /// Takes the next piece of output.
    synchronized void add(byte[] bytes, int count) {
        for (int i = 0; i < count; i++) {
            if (bytes[i] == '\n') {
                endLine();
            } else if (length < LINE_MAX) {
                line[length++] = bytes[i];
            }
        }
    }

    private void endLine() {
        String text = new String(line, 0, length, StandardCharsets.UTF_8).strip();
        length = 0;
        if (!text.isEmpty()) {
            last = Printable.escape(text, LINE_MAX);
        }
    }

    /// The line so far.
    synchronized String text() {
        endLine();
        return last;
    }
}
