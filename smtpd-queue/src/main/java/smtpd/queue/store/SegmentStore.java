package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.fs.NoSpaceException;
import smtpd.core.fs.SpoolFs;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// The default store: an append-only log of checksummed records in segment files.
///
/// A step writes all that waits at once, syncs once, applies it to the index and answers.
///
/// Invariants: the index never points to what is not durable; and those of [BatchStore].
///
/// Crash points: `doc/QUEUE.md`.
///
/// Limits: segments as [StoreLimits] says.
///
/// OpenSMTPD: `queue_fs.c` keeps a directory per message and a file per envelope, without syncs.
public final class SegmentStore extends BatchStore<SegmentDraft> {
    /// Steps with commits between two questions for free space.
    private static final int SPACE_STEPS = 64;

    private final SpoolFs fs;
    private final Closeable lock;
    private final Quarantine quarantine;
    private final SpaceGuard guard;
    private final IndexGuard indexGuard;
    private final Index index;
    private final SegmentLog log;
    private final SegmentBatch batch;
    private final Compactor compactor;
    private final boolean tornEnd;
    private int steps;
    private boolean crowded;

    private SegmentStore(
            SpoolFs fs, Closeable lock, StoreLimits limits, Consumer<StoreNotice> notices)
            throws IOException {
        this(new Index(), fs, lock, limits, notices);
    }

    private SegmentStore(
            Index index,
            SpoolFs fs,
            Closeable lock,
            StoreLimits limits,
            Consumer<StoreNotice> notices)
            throws IOException {
        super(index, notices);
        this.index = index;
        this.fs = fs;
        this.lock = lock;
        this.quarantine = new Quarantine(fs, notices);
        this.guard = new SpaceGuard(fs, limits);
        this.indexGuard = new IndexGuard(limits);
        Recovery recovery = new Recovery(fs, index, indexGuard, notices);
        recovery.run();
        this.tornEnd = recovery.tornEnd();
        this.log =
                new SegmentLog(
                        fs,
                        index,
                        limits.segmentSize(),
                        recovery.lastSegment(),
                        recovery.sequence());
        this.batch = new SegmentBatch(index, log);
        this.compactor = new Compactor(fs, index, log, limits);
        guard.refresh();
        lookAtIndex();
    }

    /// Opens a spool, making it when the directory is empty: recovers what is there and tells what
    /// was found damaged. Throws [smtpd.core.fs.AlreadyLockedException] when another daemon has it,
    /// [SpoolRefusedException] for an unknown format, and other [IOException]s of the disk.
    public static SegmentStore open(SpoolFs fs, StoreLimits limits, Consumer<StoreNotice> notices)
            throws IOException {
        return locked(
                fs,
                lock -> {
                    fs.makeDir(SegmentFormat.DIR);
                    fs.makeDir(SegmentFormat.CORRUPT_DIR);
                    fs.forceDir("");
                    return new SegmentStore(fs, lock, limits, notices);
                });
    }

    @Override
    boolean exists(MsgId id) {
        return index.message(id.value()) != null;
    }

    @Override
    boolean exists(EvpId id) {
        return index.envelope(id.value()) != null;
    }

    @Override
    SegmentDraft draft(MsgId id) {
        return new SegmentDraft(id);
    }

    @Override
    @Nullable Refused low() {
        Refused low = guard.low();
        return low != null ? low : indexGuard.full();
    }

    private void lookAtIndex() {
        boolean changed;
        synchronized (index) {
            changed = indexGuard.refresh(index.bytes(), index.envelopeCount());
        }
        if (changed) {
            Refused full = indexGuard.full();
            notices.accept(
                    full == null
                            ? StoreNotice.info("queue: memory for new messages again")
                            : StoreNotice.warn(full.text() + ": new messages are refused"));
        }
    }

    /// One write, one sync, and some tidying.
    @Override
    Progress work(boolean flush) throws IOException {
        commitSome(flush);
        lookAtIndex();
        boolean tidying = false;
        if (taken.isEmpty() || steps % SPACE_STEPS == 0) {
            tidying = tidy();
        }
        if (tidying || !taken.isEmpty()) {
            return Progress.MORE;
        }
        return batch.waiting() ? Progress.WAITING : Progress.IDLE;
    }

    @Override
    List<StoreOp<SegmentDraft>> abandon() {
        return batch.fail();
    }

    private void commitSome(boolean flush) throws IOException {
        if (taken.isEmpty() && !(flush && batch.waiting())) {
            return;
        }
        try {
            gather();
            log.write();
            batch.wrote();
            crowded = false;
        } catch (NoSpaceException e) {
            noSpace(e);
        }
        if (batch.urgent() || flush) {
            log.sync();
            batch.synced(draft -> drafts.remove(draft.id().value()));
        }
    }

    private void gather() throws IOException {
        if (log.full() && !taken.isEmpty()) {
            roll();
        }
        while (!taken.isEmpty() && log.gathered() < SegmentLog.BATCH_MAX && !log.full()) {
            if (batch.mustFollow(taken.peek())) {
                batch.hurry();
                break;
            }
            gather(taken.remove());
        }
        steps++;
    }

    /// A refusal is told at once.
    private void gather(StoreOp<SegmentDraft> op) throws IOException {
        Refused refused = op instanceof StoreOp.Commit<SegmentDraft> commit ? check(commit) : null;
        if (refused != null) {
            refuse(op, refused.reason(), refused.text());
        } else {
            batch.gather(op);
        }
    }

    /// A new segment begins only when the old one is durable, and so is what waits for that.
    private void roll() throws IOException {
        log.sync();
        batch.synced(draft -> drafts.remove(draft.id().value()));
        try {
            log.roll();
        } catch (NoSpaceException e) {
            throw e;
        } catch (java.nio.file.FileSystemException e) {
            if (log.segmentId() != 0 && log.segment().size == 0) {
                throw e;
            }
            NoSpaceException notNow = new NoSpaceException("new segment: " + e.getMessage());
            notNow.initCause(e);
            throw notNow;
        }
    }

    /// What did not fit is tried alone, one by one: what is small may fit, above all removals.
    private void noSpace(NoSpaceException e) throws IOException {
        List<StoreOp<SegmentDraft>> ops = batch.undo();
        if (!crowded) {
            crowded = true;
            notices.accept(StoreNotice.warn("spool: " + e.getMessage()));
        }
        if (ops.isEmpty() && !taken.isEmpty()) {
            refuse(taken.remove(), e);
            return;
        }
        if (ops.size() == 1) {
            refuse(ops.getFirst(), e);
            return;
        }
        for (StoreOp<SegmentDraft> op : ops.reversed()) {
            taken.addFirst(op);
        }
        for (int i = 0; i < ops.size(); i++) {
            alone(taken.remove());
        }
    }

    private void alone(StoreOp<SegmentDraft> op) throws IOException {
        try {
            if (batch.mustFollow(op) || log.full()) {
                log.sync();
                batch.synced(draft -> drafts.remove(draft.id().value()));
            }
            if (log.full()) {
                log.roll();
            }
            gather(op);
            log.write();
            batch.wrote();
        } catch (NoSpaceException e) {
            batch.undo();
            refuse(op, e);
        } catch (IOException e) {
            if (batch.gatheredCount() == 0) {
                taken.addFirst(op);
            }
            throw e;
        }
    }

    /// Free space is looked at, dead segments go, stragglers are copied. Returns whether there is
    /// more to do.
    private boolean tidy() throws IOException {
        guard.look(notices);
        if (batch.waiting() || batch.gatheredCount() > 0 || crowded) {
            return false;
        }
        try {
            return compactor.step();
        } catch (NoSpaceException e) {
            crowded = true;
            notices.accept(StoreNotice.warn("spool: " + e.getMessage()));
            return false;
        }
    }

    @Override
    public Bytes roster() {
        synchronized (index) {
            return index.roster();
        }
    }

    @Override
    public boolean tornEnd() {
        return tornEnd;
    }

    @Override
    public Stored load(EvpId id) {
        try (RecordReader reader = new RecordReader(fs, index)) {
            return reader.read(id);
        }
    }

    @Override
    public Optional<Bytes> label(MsgId id) {
        synchronized (index) {
            MessageEntry message = index.message(id.value());
            return message == null ? Optional.empty() : Optional.of(message.label);
        }
    }

    @Override
    public Iterator<MsgId> messages() {
        synchronized (index) {
            return Arrays.stream(index.messages().sortedKeys()).mapToObj(MsgId::new).iterator();
        }
    }

    @Override
    public List<EvpId> envelopes(MsgId id) {
        List<EvpId> ids = new ArrayList<>();
        synchronized (index) {
            MessageEntry message = index.message(id.value());
            if (message != null) {
                message.forEachEnvelope(e -> ids.add(id.envelope(e.low)));
            }
        }
        ids.sort(Comparator.naturalOrder());
        return ids;
    }

    @Override
    public Optional<Content> content(MsgId id) {
        synchronized (index) {
            MessageEntry message = index.message(id.value());
            if (message == null) {
                return Optional.empty();
            }
            return Optional.of(new SegmentContent(fs, index, message, why -> hold(message, why)));
        }
    }

    @Override
    public void hold(MsgId id, String why) {
        MessageEntry message;
        synchronized (index) {
            message = index.message(id.value());
        }
        if (message != null) {
            hold(message, why);
        }
    }

    @Override
    public void hold(EvpId id, String why) {
        quarantine.hold(id, load(id), why);
    }

    private void hold(MessageEntry message, String why) {
        synchronized (index) {
            if (message.damaged || !message.equals(index.message(message.id))) {
                return;
            }
            index.markDamaged(message);
        }
        quarantine.hold(new MsgId(message.id), why);
    }

    @Override
    public RecordCursor walk() {
        synchronized (index) {
            List<MessageEntry> messages = new ArrayList<>(index.messages().size());
            index.messages().forEach(messages::add);
            messages.sort(
                    Comparator.<MessageEntry>comparingInt(
                                    m -> m.commitSegment == null ? 0 : m.commitSegment.id)
                            .thenComparingInt(m -> m.chunks.length > 1 ? m.chunks[1] : 0));
            return cursor(messages);
        }
    }

    private RecordCursor cursor(List<MessageEntry> messages) {
        long[] ids = new long[(int) index.envelopeCount()];
        int[] n = {0};
        for (MessageEntry message : messages) {
            if (!message.damaged) {
                message.forEachEnvelope(e -> ids[n[0]++] = idOf(message, e));
            }
        }
        return cursor(Arrays.copyOf(ids, n[0]));
    }

    private RecordCursor cursor(long[] ids) {
        RecordReader reader = new RecordReader(fs, index);
        return new IdCursor(ids, reader::read, reader::close, notices);
    }

    private static long idOf(MessageEntry message, EnvelopeEntry entry) {
        return ((long) message.id << 32) | (entry.low & 0xffffffffL);
    }

    @Override
    public RecordCursor list(Optional<EvpId> from) {
        long least = from.map(EvpId::value).orElse(0L);
        long[] ids;
        int n = 0;
        synchronized (index) {
            ids = new long[(int) index.envelopeCount()];
            for (int msgid : index.messages().sortedKeys()) {
                MessageEntry message = index.message(msgid);
                if (message == null || Integer.compareUnsigned(msgid, (int) (least >>> 32)) < 0) {
                    continue;
                }
                int start = n;
                int[] at = {n};
                message.forEachEnvelope(e -> ids[at[0]++] = e.low & 0xffffffffL);
                n = at[0];
                Arrays.sort(ids, start, n);
                for (int i = start; i < n; i++) {
                    ids[i] |= (long) msgid << 32;
                }
            }
        }
        int first = 0;
        while (first < n && Long.compareUnsigned(ids[first], least) < 0) {
            first++;
        }
        return cursor(Arrays.copyOfRange(ids, first, n));
    }

    @Override
    public StoreStatus status() {
        synchronized (index) {
            return new StoreStatus(
                    index.messages().size(),
                    index.envelopeCount(),
                    index.damagedCount(),
                    Optional.ofNullable(refusal()));
        }
    }

    @Override
    void closeFiles() {
        log.close();
        try {
            lock.close();
        } catch (IOException e) {
            notices.accept(StoreNotice.warn("spool lock: " + e));
        }
    }
}
