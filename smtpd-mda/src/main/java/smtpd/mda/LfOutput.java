package smtpd.mda;

import java.io.IOException;
import java.io.OutputStream;

/// Turns each CRLF into LF, as files and commands on this machine want it; a CR alone stays.
/// Gathers what it writes in a buffer.
class LfOutput extends OutputStream {
    private static final int BUFFER = 16 * 1024;

    private final OutputStream out;
    private final byte[] buffer = new byte[BUFFER];
    private int length;
    private boolean cr;

    LfOutput(OutputStream out) {
        this.out = out;
    }

    @Override
    public final void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public final void write(byte[] bytes, int offset, int count) throws IOException {
        for (int i = offset; i < offset + count; i++) {
            byte octet = bytes[i];
            if (cr && octet != '\n') {
                put((byte) '\r');
            }
            cr = octet == '\r';
            if (!cr) {
                put(octet);
            }
        }
    }

    /// Takes one byte after the conversion of line ends.
    void put(byte octet) throws IOException {
        if (length == BUFFER) {
            drain();
        }
        buffer[length++] = octet;
    }

    private void drain() throws IOException {
        out.write(buffer, 0, length);
        length = 0;
    }

    /// Writes what is left; the stream below stays open.
    void end() throws IOException {
        if (cr) {
            cr = false;
            put((byte) '\r');
        }
        ending();
        drain();
        out.flush();
    }

    /// The place for what follows the last byte.
    void ending() throws IOException {}
}
