package smtpd.core.message;

import smtpd.core.smtp.ByteSink;

/// Writes a body as quoted-printable (RFC 2045 §6.7), for a message with lines that SMTP cannot
/// carry. Line ends of the body, CRLF or LF, stay line ends.
///
/// OpenSMTPD: `sendmail` does so when a line reaches 990 octets and the message names no
/// Content-Transfer-Encoding; it then adds `MIME-Version: 1.0`, `Content-Type: text/plain;
/// charset=unknown-8bit` and `Content-Transfer-Encoding: quoted-printable`.
public final class BodyFold implements ByteSink {
    /// From this length in octets a line makes folding necessary.
    public static final int LINE_LIMIT = 990;

    /// Longest encoded line without its end (RFC 2045 §6.7 rule 5).
    private static final int ENCODED_MAX = 76;

    /// Room in the buffer that one byte may need at most: two escapes and a soft line end.
    private static final int STEP_MAX = 16;

    private static final byte[] DIGITS = {
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'
    };

    private final ByteSink out;
    private final byte[] buffer = new byte[4096];
    private int used;
    private int column;
    private int blank = -1;
    private boolean cr;

    /// An encoder that writes to `out`.
    public BodyFold(ByteSink out) {
        this.out = out;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            octet(bytes[i] & 0xff);
            if (used > buffer.length - STEP_MAX) {
                flush();
            }
        }
    }

    /// Ends the body; its last line gets an end if it has none.
    public void finish() {
        if (cr) {
            cr = false;
            blank();
            escape('\r');
        }
        if (column > 0 || blank >= 0) {
            lineEnd();
        }
        flush();
    }

    private void octet(int octet) {
        if (octet == '\n') {
            cr = false;
            lineEnd();
            return;
        }
        if (cr) {
            cr = false;
            blank();
            escape('\r');
        }
        if (octet == '\r') {
            cr = true;
            return;
        }
        blank();
        if (octet == ' ' || octet == '\t') {
            blank = octet;
        } else if (octet > ' ' && octet <= '~' && octet != '=') {
            plain(octet);
        } else {
            escape(octet);
        }
    }

    /// Writes the blank that was held back: it does not end the line.
    private void blank() {
        if (blank >= 0) {
            plain(blank);
            blank = -1;
        }
    }

    /// RFC 2045 §6.7 rule 3: a blank at the end of a line is encoded.
    private void lineEnd() {
        if (blank >= 0) {
            escape(blank);
            blank = -1;
        }
        put('\r');
        put('\n');
        column = 0;
    }

    private void plain(int octet) {
        room(1);
        put(octet);
        column++;
    }

    private void escape(int octet) {
        room(3);
        put('=');
        put(DIGITS[octet >>> 4]);
        put(DIGITS[octet & 15]);
        column += 3;
    }

    /// Begins a new line with a soft line end unless `count` more characters and the mark of one
    /// fit.
    private void room(int count) {
        if (column + count > ENCODED_MAX - 1) {
            put('=');
            put('\r');
            put('\n');
            column = 0;
        }
    }

    private void put(int octet) {
        buffer[used++] = (byte) octet;
    }

    private void flush() {
        if (used > 0) {
            out.write(buffer, 0, used);
            used = 0;
        }
    }
}
