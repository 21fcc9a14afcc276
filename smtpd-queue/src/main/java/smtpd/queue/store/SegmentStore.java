package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.fs.NoSpaceException;
import smtpd.core.fs.SpoolFs;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// The default store: an append-only log of checksummed records in segment files.
///
/// State: what is asked waits in a queue; [#step] takes all that waits, writes it at once, syncs
/// once, applies it to the index and answers. [Committer] calls it from its own thread; a
/// simulation calls it as one of its events.
///
/// Invariants: the index never points to what is not durable; nothing is answered Done before its
/// sync; after a failed write or sync nothing is written any more.
///
/// Crash points: `doc/QUEUE.md`.
///
/// Limits: [#WAITING_MAX] bytes wait; segments as [SegmentLimits] says.
///
/// OpenSMTPD: `queue_fs.c` keeps a directory per message and a file per envelope, without syncs.
public final class SegmentStore implements Store {
    /// Most bytes that wait to be written, a share of the queue's small heap; more is refused.
    static final long WAITING_MAX = 16L * 1024 * 1024;

    /// What an envelope of a waiting transaction counts for.
    static final long ENVELOPE_WEIGHT = 512;

    /// Steps with commits between two questions for free space.
    private static final int SPACE_STEPS = 64;

    /// What a call of [#step] left to do.
    public enum Progress {
        /// Nothing until something is asked.
        IDLE,
        /// Removals are written and wait for a sync: another's, or that of `step(true)` soon.
        WAITING,
        /// More can be done at once.
        MORE
    }

    private final SpoolFs fs;
    private final Closeable lock;
    private final Consumer<StoreNotice> notices;
    private final Quarantine quarantine;
    private final SpaceGuard guard;
    private final Index index = new Index();
    private final EnvelopeCache cache = new EnvelopeCache();
    private final SegmentLog log;
    private final SegmentBatch batch;
    private final Compactor compactor;
    private final IntMap<Draft> drafts = new IntMap<>();
    private final Deque<SegmentOp> waiting = new ArrayDeque<>();
    private final Deque<SegmentOp> taken = new ArrayDeque<>();
    private long waitingBytes;
    private int steps;
    private boolean crowded;
    private volatile @Nullable Refused failed;
    private volatile boolean closed;
    private volatile Runnable wake = () -> {};
    private volatile Runnable stop = () -> {};

    private SegmentStore(
            SpoolFs fs, Closeable lock, SegmentLimits limits, Consumer<StoreNotice> notices)
            throws IOException {
        this.fs = fs;
        this.lock = lock;
        this.notices = notices;
        this.quarantine = new Quarantine(fs, notices);
        this.guard = new SpaceGuard(fs, limits);
        Recovery recovery = new Recovery(fs, index, notices);
        recovery.run();
        this.log =
                new SegmentLog(
                        fs,
                        index,
                        limits.segmentSize(),
                        recovery.lastSegment(),
                        recovery.sequence());
        this.batch = new SegmentBatch(index, log, cache);
        this.compactor = new Compactor(fs, index, log, limits);
        guard.refresh();
    }

    /// Opens a spool, making it when the directory is empty: recovers what is there and tells what
    /// was found damaged. Throws [smtpd.core.fs.AlreadyLockedException] when another daemon has it,
    /// [SpoolRefusedException] for an unknown format, and other [IOException]s of the disk.
    public static SegmentStore open(SpoolFs fs, SegmentLimits limits, Consumer<StoreNotice> notices)
            throws IOException {
        Closeable lock = fs.lock(SegmentFormat.LOCK);
        try {
            fs.makeDir(SegmentFormat.DIR);
            fs.makeDir(SegmentFormat.CORRUPT_DIR);
            fs.forceDir("");
            return new SegmentStore(fs, lock, limits, notices);
        } catch (IOException e) {
            lock.close();
            throw e;
        }
    }

    /// Tells whom to wake when something was asked, and what to call first when the store is
    /// closed.
    void attach(Runnable wakeUp, Runnable beforeClose) {
        wake = wakeUp;
        stop = beforeClose;
    }

    private @Nullable Refused refusal() {
        Refused failure = failed;
        return failure != null ? failure : guard.low();
    }

    @Override
    public NewMessage create(RandomGenerator random) {
        Refused refused = refusal();
        if (refused != null) {
            return refused;
        }
        synchronized (index) {
            while (true) {
                int value = random.nextInt();
                if (value != 0 && index.message(value) == null && drafts.get(value) == null) {
                    MsgId id = new MsgId(value);
                    drafts.put(value, new Draft(id));
                    return new NewMessage.Opened(id);
                }
            }
        }
    }

    @Override
    public EvpId newEnvelopeId(MsgId id, RandomGenerator random) {
        synchronized (index) {
            Draft draft = drafts.get(id.value());
            if (draft != null) {
                return id.envelope(draft.mint(random));
            }
            MessageEntry message = index.message(id.value());
            if (message == null) {
                throw new IllegalArgumentException("no message " + id);
            }
            while (true) {
                int low = random.nextInt();
                if (low != 0 && message.envelope(low) == null) {
                    return id.envelope(low);
                }
            }
        }
    }

    @Override
    public void append(MsgId id, Bytes chunk, Consumer<StoreResult> done) {
        if (chunk.length() < 1 || chunk.length() > CHUNK_MAX) {
            throw new IllegalArgumentException("chunk of " + chunk.length() + " bytes");
        }
        Refused refused;
        synchronized (index) {
            Draft draft = drafts.get(id.value());
            if (draft == null) {
                refused = new Refused(Refused.Reason.UNKNOWN, "message " + id + " was not begun");
            } else {
                refused = enqueue(new SegmentOp.Append(draft, chunk, done));
                if (refused != null) {
                    draft.breakOff(refused.text());
                } else {
                    draft.appended(chunk);
                }
            }
        }
        if (refused != null) {
            done.accept(refused);
        }
    }

    @Override
    public void rollback(MsgId id) {
        synchronized (index) {
            Draft draft = drafts.remove(id.value());
            if (draft != null) {
                enqueue(new SegmentOp.Rollback(draft));
            }
        }
    }

    @Override
    public void commit(StoreTx tx, Consumer<StoreResult> done) {
        Refused refused;
        synchronized (index) {
            Draft draft =
                    tx.commit().isEmpty() ? null : drafts.get(tx.commit().get().message().value());
            refused = enqueue(new SegmentOp.Commit(tx, draft, done));
        }
        if (refused != null) {
            done.accept(refused);
        }
    }

    private @Nullable Refused enqueue(SegmentOp op) {
        Refused failure = failed;
        if (failure != null) {
            return failure;
        }
        if (closed) {
            return new Refused(Refused.Reason.BUSY, "the store is closed");
        }
        synchronized (waiting) {
            long weight = op.weight();
            if (weight > 0 && !waiting.isEmpty() && waitingBytes + weight > WAITING_MAX) {
                return new Refused(Refused.Reason.BUSY, "too much waits for the disk");
            }
            waitingBytes += weight;
            waiting.add(op);
        }
        wake.run();
        return null;
    }

    private void take() {
        synchronized (waiting) {
            taken.addAll(waiting);
            waiting.clear();
            waitingBytes = 0;
        }
    }

    /// Whether nothing waits to be taken.
    boolean isIdle() {
        synchronized (waiting) {
            return waiting.isEmpty();
        }
    }

    /// Does what waits: one write, one sync, and some tidying. With `flush`, written removals are
    /// synced too. One thread at a time.
    public Progress step(boolean flush) {
        take();
        if (failed != null) {
            refuseAll();
            return Progress.IDLE;
        }
        try {
            commitSome(flush);
            boolean tidying = false;
            if (taken.isEmpty() || steps % SPACE_STEPS == 0) {
                tidying = tidy();
            }
            if (!taken.isEmpty() || tidying || !isIdle()) {
                return Progress.MORE;
            }
            return batch.waiting() ? Progress.WAITING : Progress.IDLE;
        } catch (IOException e) {
            latch(e);
            return Progress.MORE;
        }
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
            batch.gather(taken.remove());
        }
        steps++;
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
        List<SegmentOp> ops = batch.undo();
        if (!crowded) {
            crowded = true;
            notices.accept(StoreNotice.warn("spool: " + e.getMessage()));
        }
        if (ops.isEmpty() && !taken.isEmpty()) {
            refuse(taken.remove(), Refused.Reason.NO_SPACE, e.getMessage());
            return;
        }
        if (ops.size() == 1) {
            refuse(ops.getFirst(), Refused.Reason.NO_SPACE, e.getMessage());
            return;
        }
        for (SegmentOp op : ops.reversed()) {
            taken.addFirst(op);
        }
        for (int i = 0; i < ops.size(); i++) {
            alone(taken.remove());
        }
    }

    private void alone(SegmentOp op) throws IOException {
        try {
            if (batch.mustFollow(op) || log.full()) {
                log.sync();
                batch.synced(draft -> drafts.remove(draft.id().value()));
            }
            if (log.full()) {
                log.roll();
            }
            batch.gather(op);
            log.write();
            batch.wrote();
        } catch (NoSpaceException e) {
            batch.undo();
            refuse(op, Refused.Reason.NO_SPACE, e.getMessage());
        }
    }

    private static void refuse(SegmentOp op, Refused.Reason reason, @Nullable String text) {
        Refused refused = new Refused(reason, String.valueOf(text));
        switch (op) {
            case SegmentOp.Append append -> {
                append.draft().breakOff(refused.text());
                append.done().accept(refused);
            }
            case SegmentOp.Commit commit -> commit.done().accept(refused);
            case SegmentOp.Rollback _ -> {}
        }
    }

    /// Free space is looked at, dead segments go, stragglers are copied. Returns whether there is
    /// more to do.
    private boolean tidy() throws IOException {
        if (guard.refresh()) {
            Refused low = guard.low();
            notices.accept(
                    low == null
                            ? StoreNotice.info("spool: enough space again")
                            : StoreNotice.warn(low.text() + ": new messages are refused"));
        }
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

    /// A device that failed once may have lost what it said it wrote: it is never asked again.
    private void latch(IOException e) {
        Refused failure = new Refused(Refused.Reason.FAILED, "spool failed: " + e);
        failed = failure;
        notices.accept(StoreNotice.alarm(failure.text() + "; nothing is accepted until restart"));
        batch.fail().forEach(op -> refuse(op, Refused.Reason.FAILED, failure.text()));
        refuseAll();
    }

    private void refuseAll() {
        Refused failure = failed;
        String text = failure == null ? "the store is closed" : failure.text();
        while (!taken.isEmpty()) {
            refuse(taken.remove(), Refused.Reason.FAILED, text);
        }
    }

    @Override
    public Loaded load(EvpId id) {
        synchronized (index) {
            Envelope cached = cache.get(id);
            if (cached != null) {
                return new Loaded.Found(cached);
            }
        }
        try (EnvelopeReader reader = new EnvelopeReader(fs, index)) {
            return reader.read(id);
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

    private void hold(MessageEntry message, String why) {
        synchronized (index) {
            if (message.damaged || !message.equals(index.message(message.id))) {
                return;
            }
            index.markDamaged(message);
        }
        quarantine.hold(message, why);
    }

    @Override
    public EnvelopeCursor walk() {
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

    private SegmentCursor cursor(List<MessageEntry> messages) {
        long[] ids = new long[(int) index.envelopeCount()];
        int[] n = {0};
        for (MessageEntry message : messages) {
            if (!message.damaged) {
                message.forEachEnvelope(e -> ids[n[0]++] = idOf(message, e));
            }
        }
        return new SegmentCursor(
                Arrays.copyOf(ids, n[0]),
                new EnvelopeReader(fs, index),
                text -> notices.accept(StoreNotice.warn(text)));
    }

    private static long idOf(MessageEntry message, EnvelopeEntry entry) {
        return ((long) message.id << 32) | (entry.low & 0xffffffffL);
    }

    @Override
    public EnvelopeCursor list(Optional<EvpId> from) {
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
        return new SegmentCursor(
                Arrays.copyOfRange(ids, first, n),
                new EnvelopeReader(fs, index),
                text -> notices.accept(StoreNotice.warn(text)));
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
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        stop.run();
        while (step(true) == Progress.MORE && (!taken.isEmpty() || !isIdle())) {
            // what was asked before is done and answered
        }
        log.close();
        try {
            lock.close();
        } catch (IOException e) {
            notices.accept(StoreNotice.warn("spool lock: " + e));
        }
    }
}
