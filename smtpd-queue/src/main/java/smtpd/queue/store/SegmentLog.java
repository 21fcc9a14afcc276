package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.fs.NoDescriptorException;
import smtpd.core.fs.NoSpaceException;
import smtpd.core.fs.SpoolFile;
import smtpd.core.fs.SpoolFs;

import java.io.IOException;
import java.nio.file.NoSuchFileException;

/// The end of the log that is written to: records gather in memory, then are written together, then
/// made durable together.
///
/// Crash points: what was not synced may be there in full, in part or not at all; every record says
/// by its checksum which. A new segment's name is durable before anything in it is.
///
/// One thread at a time.
final class SegmentLog {
    /// Most bytes to gather before they are written: what a disk takes in some milliseconds.
    static final int BATCH_MAX = 1024 * 1024;

    /// Memory kept for gathering: a batch and the record that overshoots it.
    private static final int BUFFER = BATCH_MAX + 128 * 1024;

    private final SpoolFs fs;
    private final Index index;
    private final int segmentSize;
    private final GrowBuffer batch = new GrowBuffer(BUFFER);
    private @Nullable Segment segment;
    private @Nullable SpoolFile file;
    private int lastId;
    private long sequence;
    private int synced;
    private int recordStart;

    SegmentLog(SpoolFs fs, Index index, int segmentSize, int lastId, long sequence) {
        this.fs = fs;
        this.index = index;
        this.segmentSize = segmentSize;
        this.lastId = lastId;
        this.sequence = sequence;
    }

    /// Where records go; only after [#open()].
    Segment segment() {
        if (segment == null) {
            throw new IllegalStateException("no open segment");
        }
        return segment;
    }

    /// The id of the open segment, 0 if none is.
    int segmentId() {
        return segment == null ? 0 : segment.id;
    }

    /// Whether the next record belongs into a new segment, or the present one is not complete yet.
    boolean full() {
        return segment == null
                || segment.size == 0
                || segment.size + batch.position() >= segmentSize;
    }

    /// Whether written bytes wait for a sync.
    boolean unsynced() {
        return segment != null && synced < segment.size;
    }

    int gathered() {
        return batch.position();
    }

    /// Ends the open segment, if any, and begins a new one. Nothing may be gathered. After a
    /// failure it may be called again.
    void roll() throws IOException {
        sync();
        if (segment == null || segment.size != 0) {
            create();
        }
        if (segment != null && file != null) {
            forceDir();
            file.write(0, SegmentFormat.fileHeader(segment.id));
            segment.size = SegmentFormat.FILE_HEADER;
        }
    }

    private void create() throws IOException {
        SpoolFile created = fs.create(SegmentFormat.path(lastId + 1));
        lastId++;
        if (file != null) {
            file.close();
        }
        file = created;
        Segment fresh = new Segment(lastId);
        segment = fresh;
        synced = 0;
        synchronized (index) {
            index.segments().put(fresh.id, fresh);
        }
    }

    /// Begins a record; its payload is put into the result until [#end].
    GrowBuffer begin() {
        recordStart = SegmentFormat.begin(batch);
        return batch;
    }

    /// Completes the record. Returns where it will be in the segment.
    int end(int type) {
        Segment at = segment();
        SegmentFormat.end(batch, recordStart, type, at.id, synced, ++sequence);
        return at.size + recordStart;
    }

    /// Where the payload begins that is being gathered, within [#batch].
    int payloadStart() {
        return recordStart + SegmentFormat.RECORD_HEADER;
    }

    /// Takes back what was gathered from `position` on.
    void rewind(int position) {
        batch.rewind(position);
    }

    /// What was gathered.
    GrowBuffer batch() {
        return batch;
    }

    /// Writes what was gathered. On a full disk the file is cut back to what it was, and nothing is
    /// gathered any more.
    void write() throws IOException {
        if (batch.position() == 0 || file == null) {
            return;
        }
        Segment at = segment();
        try {
            file.write(at.size, batch.written());
        } catch (NoSpaceException e) {
            batch.clear();
            file.truncate(at.size);
            throw e;
        }
        at.size += batch.position();
        batch.clear();
    }

    /// Makes everything written durable.
    void sync() throws IOException {
        if (unsynced() && file != null) {
            try {
                file.force();
            } catch (NoSpaceException e) {
                throw new IOException("a sync failed for lack of space", e);
            }
            synced = segment().size;
        }
    }

    /// A sync that fails is never asked again, not even when it says that it lacked space.
    private void forceDir() throws IOException {
        try {
            fs.forceDir(SegmentFormat.DIR);
        } catch (NoDescriptorException e) {
            throw e;
        } catch (NoSpaceException e) {
            throw new IOException("a sync failed for lack of space", e);
        }
    }

    /// Removes a segment for good.
    void remove(Segment dead) throws IOException {
        try {
            fs.unlink(SegmentFormat.path(dead.id));
        } catch (NoSuchFileException _) {
            // its directory could not be synced the last time
        }
        forceDir();
        synchronized (index) {
            index.segments().remove(dead.id);
        }
    }

    void close() {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException _) {
            // everything that was promised is durable already
        }
        file = null;
    }
}
