package smtpd.mda;

import java.io.IOException;
import java.io.OutputStream;

/// Writes a message into an mbox (RFC 4155): lines that begin with `From ` are quoted with `>`, the
/// last line is ended, and an empty one follows.
final class MboxOutput extends LfOutput {
    private static final byte[] FROM = {'F', 'r', 'o', 'm', ' '};

    private boolean lineStart = true;
    private int matched;

    MboxOutput(OutputStream out) {
        super(out);
    }

    @Override
    void put(byte octet) throws IOException {
        if (lineStart && octet == FROM[matched]) {
            matched++;
            if (matched == FROM.length) {
                super.put((byte) '>');
                release();
            }
            return;
        }
        release();
        super.put(octet);
        lineStart = octet == '\n';
    }

    /// Writes the beginning of a line that was kept back.
    private void release() throws IOException {
        for (int i = 0; i < matched; i++) {
            super.put(FROM[i]);
        }
        lineStart &= matched == 0;
        matched = 0;
    }

    @Override
    void ending() throws IOException {
        release();
        if (!lineStart) {
            put((byte) '\n');
        }
        put((byte) '\n');
    }
}
