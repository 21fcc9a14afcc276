package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.fs.SpoolFile;
import smtpd.core.fs.SpoolFs;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.MsgId;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/// Rebuilds the index from the segment files at start.
///
/// State: segments are read in ascending order; later records win. Content that no commit followed
/// is forgotten. Envelopes and commits may stand in any order because copies of old ones come
/// later, so messages without envelopes are dropped only at the end.
///
/// Crash points: recovery only cuts the torn end of the last segment and removes it when nothing
/// whole is in it; both may be repeated.
final class Recovery {
    private static final int REWRITE_STEP = 1024 * 1024;

    private final SpoolFs fs;
    private final Index index;
    private final Consumer<StoreNotice> notices;
    private final Quarantine quarantine;
    private final IndexGuard guard;
    private final Map<Integer, int[]> drafts = new TreeMap<>();
    private int lastSegment;
    private long sequence;
    private boolean tornEnd;

    Recovery(SpoolFs fs, Index index, IndexGuard guard, Consumer<StoreNotice> notices) {
        this.guard = guard;
        this.fs = fs;
        this.index = index;
        this.notices = notices;
        this.quarantine = new Quarantine(fs, notices);
    }

    /// The highest segment id that is taken.
    int lastSegment() {
        return lastSegment;
    }

    /// Whether the log ended in a write that was never completed.
    boolean tornEnd() {
        return tornEnd;
    }

    /// The highest sequence number that was used.
    long sequence() {
        return sequence;
    }

    /// Reads everything; throws [SpoolRefusedException] for a format it does not know, and for more
    /// than memory bears.
    void run() throws IOException {
        index.recovering(true);
        List<Integer> ids = new ArrayList<>();
        for (String name : fs.list(SegmentFormat.DIR)) {
            int id = SegmentFormat.idOf(name);
            if (id != 0) {
                ids.add(id);
            }
        }
        for (int i = 0; i < ids.size(); i++) {
            segment(ids.get(i), i == ids.size() - 1);
            guard.starting(index.bytes(), index.envelopeCount());
        }
        index.recovering(false);
        finish();
    }

    private void segment(int id, boolean last) throws IOException {
        lastSegment = id;
        Segment segment = new Segment(id);
        index.segments().put(id, segment);
        SegmentScan.Found found;
        try (SpoolFile file =
                last
                        ? fs.open(SegmentFormat.path(id))
                        : fs.openForReading(SegmentFormat.path(id))) {
            segment.size = Math.toIntExact(file.size());
            int promised = last ? promised(file, id) : Integer.MAX_VALUE;
            found =
                    SegmentScan.scan(
                            file, id, last, (h, at, in) -> record(segment, promised, h, at, in));
            if (found.version() != 0 && !SegmentFormat.known(found.version())) {
                throw new SpoolRefusedException(
                        SegmentFormat.path(id)
                                + ": format version "
                                + found.version()
                                + ", this program knows versions up to "
                                + SegmentFormat.VERSION);
            }
            sequence = Math.max(sequence, found.sequence());
            tornEnd |= last && found.holes().stream().anyMatch(hole -> !hole.synced());
            List<SegmentScan.Hole> kept = quarantine(file, id, last, found.holes());
            if (last && found.end() > SegmentFormat.FILE_HEADER) {
                settle(file, segment, found, kept);
            }
        }
        if (last && found.end() <= SegmentFormat.FILE_HEADER) {
            fs.unlink(SegmentFormat.path(id));
            fs.forceDir(SegmentFormat.DIR);
            index.segments().remove(id);
        }
    }

    /// How much of the last segment is known to have been durable: what is behind may never have
    /// been acknowledged.
    private static int promised(SpoolFile file, int id) throws IOException {
        return SegmentScan.scan(file, id, true, (_, _, _) -> {}).synced();
    }

    private List<SegmentScan.Hole> quarantine(
            SpoolFile file, int id, boolean last, List<SegmentScan.Hole> holes) {
        List<SegmentScan.Hole> kept = new ArrayList<>();
        for (SegmentScan.Hole hole : holes) {
            if (hole.from() < hole.to()
                    && quarantine.keep(file, id, hole, last && !hole.synced())) {
                kept.add(hole);
            }
        }
        return kept;
    }

    /// Makes durable what was read: written again, because after a failed sync the system may hold
    /// pages as clean that never reached the disk. Cuts what is torn at the end, voids what is torn
    /// before.
    private void settle(
            SpoolFile file, Segment segment, SegmentScan.Found found, List<SegmentScan.Hole> holes)
            throws IOException {
        for (int at = Math.min(found.synced(), found.end()); at < found.end(); ) {
            ByteBuffer bytes = ByteBuffer.allocate(Math.min(REWRITE_STEP, found.end() - at));
            int n = file.read(at, bytes);
            file.write(at, bytes.flip());
            at += n;
        }
        file.write(0, SegmentFormat.fileHeader(segment.id));
        for (SegmentScan.Hole hole : holes) {
            int from = Math.max(hole.from(), SegmentFormat.FILE_HEADER);
            int length = hole.to() - from;
            if (hole.to() <= found.end()
                    && length >= SegmentFormat.RECORD_HEADER
                    && length <= SegmentFormat.PAYLOAD_MAX) {
                file.write(from, SegmentFormat.voidHeader(segment.id, length));
            }
        }
        if (found.end() < segment.size) {
            file.truncate(found.end());
            segment.size = found.end();
        }
        file.force();
    }

    private void record(
            Segment segment, int promised, SegmentFormat.Header header, int at, ByteBuffer in)
            throws CorruptException {
        if (header.type() == SegmentFormat.CHUNK || header.type() == SegmentFormat.CHUNK_COPY) {
            int msgid = in.getInt();
            int number = in.getInt();
            int length = header.length() - SegmentFormat.CHUNK_PREFIX;
            chunk(segment, header.type() == SegmentFormat.CHUNK, at, msgid, number, length);
            return;
        }
        TxEffects tx = new TxEffects();
        TxCodec.read(in, tx);
        if (at >= promised && header.type() == SegmentFormat.TX) {
            checkWhole(tx);
        }
        for (TxEffects.Committed commit : tx.commits()) {
            commit(segment, header.type() == SegmentFormat.TX, commit);
        }
        tx.applyRest(index, segment, at + SegmentFormat.RECORD_HEADER);
    }

    /// A transaction that was perhaps never acknowledged counts only with all that it needs.
    private void checkWhole(TxEffects tx) throws CorruptException {
        for (TxEffects.Committed commit : tx.commits()) {
            if (!whole(commit, drafts.get(commit.msgid()))) {
                throw new CorruptException("content is missing");
            }
        }
        for (TxEffects.Item add : tx.adds()) {
            int msgid = (int) (add.evpid() >>> 32);
            if (index.message(msgid) == null
                    && tx.commits().stream().noneMatch(c -> c.msgid() == msgid)) {
                throw new CorruptException("message is missing");
            }
        }
    }

    private static boolean whole(TxEffects.Committed commit, int @Nullable [] chunks) {
        long sum = 0;
        int known = 0;
        for (int i = 0; chunks != null && i < chunks.length; i += MessageEntry.CHUNK_INTS) {
            if (chunks[i] != 0 && i < commit.chunks() * MessageEntry.CHUNK_INTS) {
                sum += chunks[i + 2];
                known++;
            }
        }
        return known == commit.chunks() && sum == commit.size();
    }

    private void chunk(Segment segment, boolean original, int at, int msgid, int number, int length)
            throws CorruptException {
        if (msgid == 0 || number < 0 || number > SegmentFormat.PAYLOAD_MAX) {
            throw new CorruptException("chunk " + number + " of message " + msgid);
        }
        MessageEntry message = index.message(msgid);
        if (!original && message != null && message.commitSegment != null) {
            if (number < message.chunkCount()) {
                index.moveChunk(message, number, segment, at, length);
            }
            return;
        }
        int from = number * MessageEntry.CHUNK_INTS;
        int[] chunks = drafts.get(msgid);
        if (chunks == null || (original && number == 0)) {
            chunks = new int[from + MessageEntry.CHUNK_INTS];
        } else if (chunks.length < from + MessageEntry.CHUNK_INTS) {
            chunks = Arrays.copyOf(chunks, from + MessageEntry.CHUNK_INTS);
        }
        chunks[from] = segment.id;
        chunks[from + 1] = at;
        chunks[from + 2] = length;
        drafts.put(msgid, chunks);
    }

    private void commit(Segment segment, boolean original, TxEffects.Committed commit)
            throws CorruptException {
        if (commit.msgid() == 0
                || commit.chunks() < 0
                || commit.chunks() > SegmentFormat.PAYLOAD_MAX) {
            throw new CorruptException("commit of message " + commit.msgid());
        }
        MessageEntry message = index.message(commit.msgid());
        if (!original && message != null && message.commitSegment != null) {
            index.moveCommit(message, segment);
            return;
        }
        if (original && message != null && message.envelopeCount() > 0) {
            notices.accept(
                    StoreNotice.warn(
                            String.format("message %08x is committed twice", commit.msgid())));
        }
        if (original) {
            index.label(commit.msgid(), Bytes.EMPTY, segment);
        }
        int[] chunks = drafts.remove(commit.msgid());
        int ints = commit.chunks() * MessageEntry.CHUNK_INTS;
        chunks = chunks == null ? new int[ints] : Arrays.copyOf(chunks, ints);
        index.commit(commit.msgid(), commit.size(), commit.crc(), chunks, segment);
    }

    private void finish() {
        List<MessageEntry> empty = new ArrayList<>();
        List<MessageEntry> incomplete = new ArrayList<>();
        index.messages()
                .forEach(message -> {
                    if (message.envelopeCount() == 0) {
                        empty.add(message);
                    } else if (!message.complete()) {
                        incomplete.add(message);
                    }
                });
        empty.forEach(index::drop);
        for (MessageEntry message : incomplete) {
            index.markDamaged(message);
            quarantine.hold(new MsgId(message.id), "its content is incomplete or damaged");
        }
    }
}
