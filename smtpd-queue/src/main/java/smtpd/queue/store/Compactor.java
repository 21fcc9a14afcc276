package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.fs.NoSpaceException;
import smtpd.core.fs.SpoolFile;
import smtpd.core.fs.SpoolFs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Gives disk space back: removes segments in which nothing exists any more, and copies what is
/// left of those that are mostly dead to the end of the log.
///
/// Crash points: a copy is durable before the index points to it, and the index points nowhere into
/// a segment before it is removed; with both there, the later one wins and says the same. A removal
/// noted in a segment that goes is copied as long as another segment might hold what it removed.
/// Each file is gone durably before the next is looked at.
///
/// One thread at a time, the one that writes the log.
final class Compactor {
    /// Bytes of copies written at a time, so that commits wait for no more than that.
    private static final int STEP = 1024 * 1024;

    private final SpoolFs fs;
    private final Index index;
    private final SegmentLog log;
    private final StoreLimits limits;
    private final RecordReader reader;
    private final List<Runnable> moves = new ArrayList<>();
    private final List<Integer> stuck = new ArrayList<>();
    private @Nullable Segment victim;
    private int position;

    Compactor(SpoolFs fs, Index index, SegmentLog log, StoreLimits limits) {
        this.fs = fs;
        this.index = index;
        this.log = log;
        this.limits = limits;
        this.reader = new RecordReader(fs, index);
    }

    /// Does a bounded piece of work; everything committed must have been applied and nothing be
    /// gathered. Returns whether there is more.
    boolean step() throws IOException {
        Segment dead = dead();
        if (dead != null) {
            log.remove(dead);
            return true;
        }
        Segment from = victim == null ? pick() : victim;
        if (from == null) {
            return false;
        }
        victim = from;
        try {
            copy(from);
        } catch (IOException e) {
            moves.clear();
            victim = null;
            if (!(e instanceof NoSpaceException)) {
                stuck.add(from.id);
            }
            throw e;
        }
        return true;
    }

    private @Nullable Segment dead() {
        synchronized (index) {
            for (Segment segment : index.segments().values()) {
                if (idle(segment) && segment.live == 0 && !index.removalsMatter(segment)) {
                    return segment;
                }
            }
            return null;
        }
    }

    private boolean idle(Segment segment) {
        return segment.id != log.segmentId()
                && segment.drafts == 0
                && (victim == null || victim.id != segment.id);
    }

    private @Nullable Segment pick() {
        long few = (long) limits.segmentSize() / 100 * limits.copyPercent();
        synchronized (index) {
            for (Segment segment : index.segments().values()) {
                if (idle(segment) && segment.live < few && !stuck.contains(segment.id)) {
                    position = SegmentFormat.FILE_HEADER;
                    return segment;
                }
            }
            return null;
        }
    }

    private void copy(Segment from) throws IOException {
        if (log.full()) {
            log.roll();
        }
        try (SpoolFile file = fs.openForReading(SegmentFormat.path(from.id))) {
            Window window = new Window(file, 64 * 1024);
            int read = 0;
            while (position < from.size && log.gathered() < STEP && read < 4 * STEP) {
                read += copyRecord(from, window);
            }
        }
        if (log.gathered() > 0) {
            log.write();
            log.sync();
            synchronized (index) {
                moves.forEach(Runnable::run);
            }
            moves.clear();
        }
        if (position >= from.size) {
            finish(from);
        }
    }

    /// All that could be copied was: what is still counted as live could not be read.
    private void finish(Segment from) {
        victim = null;
        synchronized (index) {
            if (from.live == 0) {
                from.removalsFrom = Integer.MAX_VALUE;
                from.removalsTo = 0;
            } else {
                stuck.add(from.id);
            }
        }
    }

    private int copyRecord(Segment from, Window window) throws IOException {
        int at = position;
        int left = from.size - at;
        if (left < SegmentFormat.RECORD_HEADER) {
            position = from.size;
            return left;
        }
        SegmentFormat.Header header =
                SegmentFormat.header(window.at(at, SegmentFormat.RECORD_HEADER), from.id);
        if (header == null || header.length() > left - SegmentFormat.RECORD_HEADER) {
            position = at + SegmentFormat.ALIGN;
            return SegmentFormat.ALIGN;
        }
        position = header.next(at);
        int payloadAt = at + SegmentFormat.RECORD_HEADER;
        switch (header.type()) {
            case SegmentFormat.CHUNK, SegmentFormat.CHUNK_COPY -> {
                ByteBuffer prefix = window.at(payloadAt, SegmentFormat.CHUNK_PREFIX);
                int msgid = prefix.getInt();
                int number = prefix.getInt();
                if (pointsHere(msgid, number, from, at)) {
                    copyChunk(msgid, number, window.at(payloadAt, header.length()), header);
                }
            }
            default -> copyTx(from, payloadAt, window.at(payloadAt, header.length()), header);
        }
        return position - at;
    }

    private boolean pointsHere(int msgid, int number, Segment from, int at) {
        synchronized (index) {
            MessageEntry message = index.message(msgid);
            int i = number * MessageEntry.CHUNK_INTS;
            return message != null
                    && number >= 0
                    && i < message.chunks.length
                    && message.chunks[i] == from.id
                    && message.chunks[i + 1] == at;
        }
    }

    private void copyChunk(int msgid, int number, ByteBuffer payload, SegmentFormat.Header header) {
        if (SegmentFormat.crc(payload) != header.payloadCrc()) {
            return;
        }
        byte[] bytes = new byte[payload.remaining()];
        payload.get(bytes);
        log.begin().putBytes(bytes, 0, bytes.length);
        int at = log.end(SegmentFormat.CHUNK_COPY);
        Segment to = log.segment();
        int length = bytes.length - SegmentFormat.CHUNK_PREFIX;
        moves.add(() -> {
            MessageEntry message = index.message(msgid);
            if (message != null) {
                index.moveChunk(message, number, to, at, length);
            }
        });
    }

    private void copyTx(
            Segment from, int payloadAt, ByteBuffer payload, SegmentFormat.Header header) {
        TxEffects old = new TxEffects();
        try {
            if (SegmentFormat.crc(payload) != header.payloadCrc()) {
                return;
            }
            TxCodec.read(payload, old);
        } catch (CorruptException _) {
            return;
        }
        TxRest rest = new TxRest(index, reader, from, payloadAt, old);
        if (rest.isEmpty()) {
            return;
        }
        int gathered = log.gathered();
        GrowBuffer out = log.begin();
        rest.write(out);
        TxEffects copied = new TxEffects();
        int at;
        try {
            int payloadStart = log.payloadStart();
            int end = out.position();
            at = log.end(SegmentFormat.TX_COPY) + SegmentFormat.RECORD_HEADER;
            TxCodec.read(out.written().limit(end).position(payloadStart), copied);
        } catch (IllegalArgumentException | CorruptException _) {
            log.rewind(gathered);
            return;
        }
        Segment to = log.segment();
        moves.add(() -> {
            for (TxEffects.Committed commit : copied.commits()) {
                MessageEntry message = index.message(commit.msgid());
                if (message != null) {
                    index.moveCommit(message, to);
                }
            }
            copied.applyRest(index, to, at);
        });
    }
}
