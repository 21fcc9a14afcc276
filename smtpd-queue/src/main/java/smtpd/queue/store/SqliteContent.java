package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.MsgId;

import java.io.IOException;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/// Reads a message's content from a database, piece by piece.
final class SqliteContent implements Content {
    /// Gives a piece; empty behind the last.
    interface Pieces {
        Bytes piece(MsgId id, int number) throws IOException;
    }

    private final Pieces pieces;
    private final MsgId id;
    private final SqliteQueue.Message message;
    private final Consumer<String> damaged;
    private final CRC32C crc = new CRC32C();
    private long total;
    private int number;
    private @Nullable Piece last;

    SqliteContent(Pieces pieces, MsgId id, SqliteQueue.Message message, Consumer<String> damaged) {
        this.pieces = pieces;
        this.id = id;
        this.message = message;
        this.damaged = damaged;
    }

    @Override
    public long size() {
        return message.size();
    }

    @Override
    public Piece next() {
        if (last != null) {
            return last;
        }
        Piece piece;
        try {
            piece = read();
        } catch (CorruptException e) {
            piece = damage(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            piece = new Refused(Refused.Reason.FAILED, e.toString());
        }
        if (!(piece instanceof Piece.Chunk)) {
            last = piece;
        }
        return piece;
    }

    private Piece read() throws IOException {
        if (total == message.size()) {
            return (int) crc.getValue() == message.crc()
                    ? Piece.END
                    : damage("content is not what was committed");
        }
        Bytes bytes = pieces.piece(id, number);
        if (bytes.length() == 0 || total + bytes.length() > message.size()) {
            return damage("content is not what was committed");
        }
        number++;
        total += bytes.length();
        crc.update(bytes.array(), bytes.offset(), bytes.length());
        return new Piece.Chunk(bytes);
    }

    private Refused damage(String why) {
        damaged.accept(why);
        return new Refused(Refused.Reason.DAMAGED, why);
    }

    @Override
    public void close() {}
}
