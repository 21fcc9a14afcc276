package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.fs.SpoolFile;
import smtpd.core.mail.Bytes;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/// Reads a message's content from its file.
final class FsContent implements Content {
    private static final int PIECE = 32 * 1024;

    private final SpoolFile file;
    private final long size;
    private final int expectedCrc;
    private final Consumer<String> damaged;
    private final CRC32C crc = new CRC32C();
    private long position;
    private @Nullable Piece last;

    /// Reads `file`, and closes it; `damaged` is told when it is not what was committed.
    FsContent(SpoolFile file, FsMessage message, Consumer<String> damaged) {
        this.file = file;
        this.size = message.size;
        this.expectedCrc = message.crc;
        this.damaged = damaged;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public Piece next() {
        if (last != null) {
            return last;
        }
        Piece piece;
        try {
            piece = read();
        } catch (IOException e) {
            piece = new Refused(Refused.Reason.FAILED, e.toString());
        }
        if (!(piece instanceof Piece.Chunk)) {
            last = piece;
            close();
        }
        return piece;
    }

    private Piece read() throws IOException {
        if (size < 0) {
            return new Refused(Refused.Reason.DAMAGED, "its size is not known");
        }
        if (position == size) {
            return (int) crc.getValue() == expectedCrc && file.size() == size
                    ? Piece.END
                    : damage("content is not what was committed");
        }
        byte[] bytes = new byte[(int) Math.min(PIECE, size - position)];
        int n = file.read(position, ByteBuffer.wrap(bytes));
        if (n == 0) {
            return damage("content is shorter than what was committed");
        }
        position += n;
        crc.update(bytes, 0, n);
        return new Piece.Chunk(Bytes.of(n == bytes.length ? bytes : Arrays.copyOf(bytes, n)));
    }

    private Refused damage(String why) {
        damaged.accept(why);
        return new Refused(Refused.Reason.DAMAGED, why);
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException _) {
            // it was only read
        }
    }
}
