package smtpd.core.message;

import smtpd.core.smtp.ByteSink;

/// Writes lines of text quoted-printable (RFC 2045 §6.7), over whatever pieces they come in:
/// visible ASCII stands for itself, everything else is `=` and two hexadecimal digits, and no line
/// is longer than 76 characters. CRLF stays the end of a line; a bare CR or LF is encoded.
public final class QuotedPrintable implements ByteSink {
    /// RFC 2045 §6.7 (5).
    private static final int LINE_MAX = 76;

    private static final byte[] HEX =
            "0123456789ABCDEF".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    private static final byte[] SOFT = {'=', '\r', '\n'};
    private static final byte[] HARD = {'\r', '\n'};

    private final ByteSink out;
    private final byte[] line = new byte[LINE_MAX + 3];
    private int length;

    /// A blank or CR that waits for what follows; -1 for none.
    private int held = -1;

    /// @param out takes the encoded lines
    public QuotedPrintable(ByteSink out) {
        this.out = out;
    }

    @Override
    public void write(byte[] bytes, int offset, int count) {
        for (int i = offset; i < offset + count; i++) {
            octet(bytes[i] & 0xff);
        }
    }

    private void octet(int octet) {
        if (held == '\r' && octet == '\n') {
            held = -1;
            end();
            return;
        }
        if (octet == '\r') {
            // A blank may not end a line (RFC 2045 §6.7 (3)); whether one ends here shows next.
            if (held == ' ' || held == '\t') {
                coded(held);
            } else if (held == '\r') {
                coded('\r');
            }
            held = '\r';
            return;
        }
        release();
        if (octet == ' ' || octet == '\t') {
            held = octet;
        } else if (octet > ' ' && octet < 0x7f && octet != '=') {
            plain(octet);
        } else {
            coded(octet);
        }
    }

    /// What was held turned out to stand inside a line.
    private void release() {
        if (held == '\r') {
            coded('\r');
        } else if (held >= 0) {
            plain(held);
        }
        held = -1;
    }

    private void plain(int octet) {
        room(1);
        line[length++] = (byte) octet;
    }

    private void coded(int octet) {
        room(3);
        line[length++] = '=';
        line[length++] = HEX[octet >> 4];
        line[length++] = HEX[octet & 15];
    }

    /// Leaves room for the `=` of a soft line break.
    private void room(int count) {
        if (length + count > LINE_MAX - 1) {
            out.write(line, 0, length);
            out.write(SOFT, 0, SOFT.length);
            length = 0;
        }
    }

    private void end() {
        out.write(line, 0, length);
        out.write(HARD, 0, HARD.length);
        length = 0;
    }

    /// The text ends here; a last line without its end stays without.
    public void finish() {
        if (held == '\r' || held == ' ' || held == '\t') {
            coded(held);
            held = -1;
        }
        out.write(line, 0, length);
        length = 0;
    }
}
