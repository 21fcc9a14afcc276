package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.fs.SpoolFile;
import smtpd.core.fs.SpoolFs;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.EvpId;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Optional;

/// Reads the bytes of envelopes from the segment files, for one thread at a time; the file read
/// last stays open.
final class RecordReader implements AutoCloseable {
    /// Ahead of what was asked for: neighbours come next in a walk.
    private static final int WINDOW = 16 * 1024;

    /// How often the envelope may have moved to another segment while it was being read.
    private static final int MOVES_MAX = 8;

    private record Place(
            int segment, int offset, int length, int state, int at, int size, int crc) {}

    private final SpoolFs fs;
    private final Index index;
    private int openId;
    private @Nullable SpoolFile file;
    private @Nullable Window window;

    RecordReader(SpoolFs fs, Index index) {
        this.fs = fs;
        this.index = index;
    }

    private @Nullable Place place(EvpId id) {
        synchronized (index) {
            EnvelopeEntry e = index.envelope(id.value());
            if (e == null) {
                return null;
            }
            int state = e.stateSegment == null ? 0 : e.stateSegment.id;
            return new Place(
                    e.segment.id,
                    e.offset,
                    e.length,
                    state,
                    e.stateOffset,
                    e.stateLength,
                    e.stateCrc);
        }
    }

    Stored read(EvpId id) {
        @Nullable Place before = null;
        for (int i = 0; i < MOVES_MAX; i++) {
            Place place = place(id);
            if (place == null) {
                return Stored.ABSENT;
            }
            try {
                return read(id, place);
            } catch (NoSuchFileException | CorruptException e) {
                close();
                if (place.equals(before)) {
                    return new Refused(
                            Refused.Reason.DAMAGED, "envelope " + id + ": " + e.getMessage());
                }
                before = place;
            } catch (IOException e) {
                close();
                return new Refused(Refused.Reason.FAILED, "envelope " + id + ": " + e);
            }
        }
        return new Refused(Refused.Reason.BUSY, "envelope " + id + " keeps moving");
    }

    private Stored.Found read(EvpId id, Place place) throws IOException {
        Bytes envelope = item(place.segment(), place.offset(), place.length());
        if (place.state() == 0) {
            return new Stored.Found(id, envelope, Optional.empty());
        }
        Bytes state = item(place.state(), place.at(), place.size());
        if (SegmentFormat.crc(ByteBuffer.wrap(state.array())) != place.crc()) {
            throw new CorruptException(
                    SegmentFormat.path(place.state()) + " at " + place.at() + ": another state");
        }
        return new Stored.Found(id, envelope, Optional.of(state));
    }

    private Bytes item(int segment, int offset, int length) throws IOException {
        ByteBuffer bytes = window(segment).at(offset - 4L, length + 4);
        int crc = bytes.getInt();
        ByteBuffer item = bytes.slice();
        if (SegmentFormat.crc(item) != crc) {
            throw new CorruptException(
                    SegmentFormat.path(segment) + " at " + offset + ": checksum does not match");
        }
        byte[] copy = new byte[item.remaining()];
        item.get(copy);
        return Bytes.of(copy);
    }

    private Window window(int segment) throws IOException {
        Window open = window;
        if (open != null && openId == segment) {
            return open;
        }
        close();
        SpoolFile opened = fs.openForReading(SegmentFormat.path(segment));
        file = opened;
        openId = segment;
        open = new Window(opened, WINDOW);
        window = open;
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
        window = null;
    }
}
