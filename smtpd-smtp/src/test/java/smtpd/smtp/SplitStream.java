package smtpd.smtp;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/// A client whose bytes come in given pieces, one for each time the server reads, and then ends.
/// Nothing waits: a session over it runs in the thread of its test.
final class SplitStream implements ClientStream {
    private final List<byte[]> pieces;
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private int piece;
    private int at;
    boolean closed;

    SplitStream(List<byte[]> pieces) {
        this.pieces = pieces;
    }

    private final InputStream input =
            new InputStream() {
                @Override
                public int read() {
                    byte[] one = new byte[1];
                    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
                }

                @Override
                public int read(byte[] into, int offset, int length) {
                    while (piece < pieces.size() && at == pieces.get(piece).length) {
                        piece++;
                        at = 0;
                    }
                    if (piece == pieces.size()) {
                        return -1;
                    }
                    byte[] from = pieces.get(piece);
                    int count = Math.min(length, from.length - at);
                    System.arraycopy(from, at, into, offset, count);
                    at += count;
                    return count;
                }
            };

    /// What the server said.
    String said() {
        return output.toString(StandardCharsets.UTF_8);
    }

    @Override
    public InputStream input() {
        return input;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        output.write(bytes, offset, length);
    }

    @Override
    public boolean talks(Duration within) {
        return false;
    }

    @Override
    public void limit(Duration all) {
        // there is no time here
    }

    @Override
    public void unlimit() {
        // likewise
    }

    @Override
    public Interruption interruption() {
        return Interruption.NONE;
    }

    @Override
    public void close(boolean linger) {
        closed = true;
    }
}
