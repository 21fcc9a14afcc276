package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.fs.SpoolFile;
import smtpd.core.fs.SpoolFs;
import smtpd.core.mail.Bytes;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/// Reads a message's content from the segment files, chunk by chunk, each verified.
final class SegmentContent implements Content {
    /// How often a chunk may have moved to another segment while it was being read.
    private static final int MOVES_MAX = 8;

    private record Place(int segment, int offset, int length) {}

    private final SpoolFs fs;
    private final Index index;
    private final MessageEntry message;
    private final Consumer<String> damaged;
    private final long size;
    private final int expectedCrc;
    private final CRC32C crc = new CRC32C();
    private long total;
    private int number;
    private @Nullable Piece last;
    private int openId;
    private @Nullable SpoolFile file;

    /// Reads `message`; `damaged` is told when its bytes are not what was committed.
    SegmentContent(SpoolFs fs, Index index, MessageEntry message, Consumer<String> damaged) {
        this.fs = fs;
        this.index = index;
        this.message = message;
        this.damaged = damaged;
        this.size = message.size;
        this.expectedCrc = message.crc;
    }

    @Override
    public long size() {
        return size;
    }

    /// Where the next chunk is; length -1 behind the last, null when the message is gone.
    private @Nullable Place place() {
        synchronized (index) {
            if (!message.equals(index.message(message.id))) {
                return null;
            }
            int at = number * MessageEntry.CHUNK_INTS;
            if (at >= message.chunks.length) {
                return new Place(0, 0, -1);
            }
            return new Place(message.chunks[at], message.chunks[at + 1], message.chunks[at + 2]);
        }
    }

    @Override
    public Piece next() {
        if (last != null) {
            return last;
        }
        Piece piece = read();
        if (!(piece instanceof Piece.Chunk)) {
            last = piece;
            close();
        }
        return piece;
    }

    private Piece read() {
        @Nullable Place before = null;
        for (int i = 0; i < MOVES_MAX; i++) {
            Place place = place();
            if (place == null) {
                return new Refused(Refused.Reason.UNKNOWN, "the message was removed");
            }
            if (place.length() < 0) {
                return end();
            }
            try {
                return chunk(place);
            } catch (NoSuchFileException | CorruptException | EOFException e) {
                close();
                if (place.equals(before)) {
                    return damage(String.valueOf(e.getMessage()));
                }
                before = place;
            } catch (IOException e) {
                return new Refused(Refused.Reason.FAILED, e.toString());
            }
        }
        return new Refused(Refused.Reason.BUSY, "the content keeps moving");
    }

    private Piece end() {
        if (total != size || (int) crc.getValue() != expectedCrc) {
            return damage("content is not what was committed");
        }
        return Piece.END;
    }

    private Refused damage(String why) {
        damaged.accept(why);
        return new Refused(Refused.Reason.DAMAGED, why);
    }

    private Piece chunk(Place place) throws IOException {
        int prefix = SegmentFormat.RECORD_HEADER + SegmentFormat.CHUNK_PREFIX;
        ByteBuffer bytes = ByteBuffer.allocate(prefix + place.length());
        String where = SegmentFormat.path(place.segment()) + " at " + place.offset();
        if (open(place.segment()).read(place.offset(), bytes) < bytes.capacity()) {
            throw new EOFException(where + ": file is too short");
        }
        bytes.flip();
        SegmentFormat.Header header = SegmentFormat.header(bytes, place.segment());
        ByteBuffer payload =
                bytes.slice(
                        SegmentFormat.RECORD_HEADER,
                        prefix - SegmentFormat.RECORD_HEADER + place.length());
        if (header == null
                || header.length() != payload.remaining()
                || SegmentFormat.crc(payload) != header.payloadCrc()
                || payload.getInt(0) != message.id) {
            throw new CorruptException(where + ": checksum does not match");
        }
        crc.update(bytes.array(), prefix, place.length());
        total += place.length();
        number++;
        return new Piece.Chunk(Bytes.of(bytes.array(), prefix, place.length()));
    }

    private SpoolFile open(int segment) throws IOException {
        SpoolFile open = file;
        if (open == null || openId != segment) {
            close();
            open = fs.openForReading(SegmentFormat.path(segment));
            openId = segment;
            file = open;
        }
        return open;
    }

    @Override
    public void close() {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException _) {
            // it was only read
        }
        file = null;
    }
}
