package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.fs.NoDescriptorException;
import smtpd.core.fs.NoSpaceException;
import smtpd.core.fs.SpoolFs;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// What the stores on disk have in common: what is asked waits in a queue; each step takes all that
/// waits, makes it durable together and answers it.
///
/// Invariants: nothing is answered Done before its sync; after a failed write or sync nothing is
/// written any more.
///
/// Limits: [#WAITING_MAX] bytes wait.
abstract class BatchStore<D extends Draft> implements RecordStore, Stepped {
    /// Most bytes that wait to be written, a share of the queue's small heap; more is refused.
    static final long WAITING_MAX = 16L * 1024 * 1024;

    /// What an envelope of a waiting transaction counts for.
    static final long ENVELOPE_WEIGHT = 512;

    /// What was taken from the queue and is not done; the committer's.
    final Deque<StoreOp<D>> taken = new ArrayDeque<>();

    /// The messages that were begun, by their ids; under the monitor.
    final IntMap<D> drafts = new IntMap<>();

    final Consumer<StoreNotice> notices;
    private final Object monitor;
    private final Deque<StoreOp<D>> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private volatile @Nullable Refused failed;
    private volatile boolean closed;
    private volatile boolean asked;
    private volatile Runnable wake = () -> {};
    private volatile Runnable stop = () -> {};

    /// What exists is looked at and changed with `monitor` held.
    BatchStore(Object monitor, Consumer<StoreNotice> notices) {
        this.monitor = monitor;
        this.notices = notices;
    }

    /// Opens a store in a spool that is ours alone from then on.
    interface Opening<S> {
        /// Opens it.
        ///
        /// @param lock closed with the store
        S open(Closeable lock) throws IOException;
    }

    /// Opens a store under the lock of its spool, which is given back if that fails.
    static <S> S locked(SpoolFs fs, Opening<S> opening) throws IOException {
        Closeable lock = fs.lock(SegmentFormat.LOCK);
        try {
            return opening.open(lock);
        } catch (IOException e) {
            lock.close();
            throw e;
        }
    }

    /// Whether a message exists; under the monitor.
    abstract boolean exists(MsgId id) throws IOException;

    /// Whether an envelope of a message that exists does; under the monitor.
    abstract boolean exists(EvpId id) throws IOException;

    /// A message begins.
    abstract D draft(MsgId id);

    /// Why new messages are refused for want of space, or null.
    abstract @Nullable Refused low();

    /// Does what was taken, or some of it: with [Progress#MORE] it is called again at once. An
    /// exception means that the device failed.
    abstract Progress work(boolean flush) throws IOException;

    /// What is neither taken any more nor answered; after a failure.
    abstract List<StoreOp<D>> abandon();

    /// Closes files; everything that was promised is durable already.
    abstract void closeFiles();

    @Override
    public final void attach(Runnable wakeUp, Runnable beforeClose) {
        wake = wakeUp;
        stop = beforeClose;
    }

    /// Why new messages are refused, or null.
    final @Nullable Refused refusal() {
        Refused failure = failed;
        return failure != null ? failure : low();
    }

    @Override
    public final NewMessage create(RandomGenerator random) {
        Refused refused = refusal();
        if (refused != null) {
            return refused;
        }
        synchronized (monitor) {
            try {
                while (true) {
                    int value = random.nextInt();
                    if (value != 0 && drafts.get(value) == null && !exists(new MsgId(value))) {
                        MsgId id = new MsgId(value);
                        drafts.put(value, draft(id));
                        return new NewMessage.Opened(id);
                    }
                }
            } catch (IOException e) {
                return new Refused(Refused.Reason.FAILED, "spool: " + e);
            }
        }
    }

    @Override
    public final EvpId newEnvelopeId(MsgId id, RandomGenerator random) {
        synchronized (monitor) {
            D draft = drafts.get(id.value());
            if (draft != null) {
                return id.envelope(draft.mint(random));
            }
            try {
                if (!exists(id)) {
                    throw new IllegalArgumentException("no message " + id);
                }
                while (true) {
                    int low = random.nextInt();
                    if (low != 0 && !exists(id.envelope(low))) {
                        return id.envelope(low);
                    }
                }
            } catch (IOException _) {
                // the commit that uses it will be refused
                return id.envelope(1);
            }
        }
    }

    @Override
    public final void append(MsgId id, Bytes piece, Consumer<StoreResult> done) {
        if (piece.length() < 1 || piece.length() > Store.CHUNK_MAX) {
            throw new IllegalArgumentException("piece of " + piece.length() + " bytes");
        }
        Refused refused;
        synchronized (monitor) {
            D draft = drafts.get(id.value());
            if (draft == null) {
                refused = new Refused(Refused.Reason.UNKNOWN, "message " + id + " was not begun");
            } else {
                refused = enqueue(new StoreOp.Append<>(draft, piece, done));
                if (refused != null) {
                    draft.breakOff(refused.text());
                } else {
                    draft.appended(piece);
                }
            }
        }
        if (refused != null) {
            done.accept(refused);
        }
    }

    @Override
    public final void rollback(MsgId id) {
        synchronized (monitor) {
            D draft = drafts.remove(id.value());
            if (draft != null) {
                enqueue(new StoreOp.Rollback<>(draft));
            }
        }
    }

    @Override
    public final void commit(RecordTx tx, Consumer<StoreResult> done) {
        Refused refused;
        synchronized (monitor) {
            D draft =
                    tx.commit().isEmpty() ? null : drafts.get(tx.commit().get().message().value());
            refused = enqueue(new StoreOp.Commit<>(tx, draft, done));
        }
        if (refused != null) {
            done.accept(refused);
        }
    }

    private @Nullable Refused enqueue(StoreOp<D> op) {
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
            asked = true;
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

    @Override
    public final boolean isIdle() {
        synchronized (waiting) {
            return waiting.isEmpty();
        }
    }

    @Override
    public final Progress step(boolean flush) {
        take();
        if (failed != null) {
            refuseAll();
            return Progress.IDLE;
        }
        try {
            Progress progress = work(flush);
            return isIdle() ? progress : Progress.MORE;
        } catch (IOException e) {
            latch(e);
            return Progress.MORE;
        }
    }

    /// Why a transaction cannot be made, or null.
    final @Nullable Refused check(StoreOp.Commit<D> op) throws IOException {
        Draft draft = op.draft();
        MsgId committing = null;
        if (op.tx().commit().isPresent()) {
            committing = op.tx().commit().get().message();
            if (draft == null || draft.committing()) {
                return unknown("message " + committing + " was not begun");
            }
            Refused mismatch = draft.mismatch(op.tx().commit().get());
            if (mismatch != null) {
                return mismatch;
            }
        }
        synchronized (monitor) {
            for (RecordTx.Item added : op.tx().add()) {
                MsgId id = added.id().msgid();
                boolean exists = exists(id);
                if (!exists && !id.equals(committing)) {
                    return unknown("no message " + id);
                }
                if (exists && exists(added.id())) {
                    return unknown("envelope " + added.id() + " exists");
                }
            }
        }
        return null;
    }

    private static Refused unknown(String text) {
        return new Refused(Refused.Reason.UNKNOWN, text);
    }

    /// Refuses what did not fit.
    static <D extends Draft> void refuse(StoreOp<D> op, NoSpaceException e) {
        Refused.Reason reason =
                e instanceof NoDescriptorException ? Refused.Reason.BUSY : Refused.Reason.NO_SPACE;
        refuse(op, reason, String.valueOf(e.getMessage()));
    }

    static <D extends Draft> void refuse(StoreOp<D> op, Refused.Reason reason, String text) {
        Refused refused = new Refused(reason, text);
        switch (op) {
            case StoreOp.Append<D> append -> {
                append.draft().breakOff(refused.text());
                append.done().accept(refused);
            }
            case StoreOp.Commit<D> commit -> commit.done().accept(refused);
            case StoreOp.Rollback<D> _ -> {}
        }
    }

    /// A device that failed once may have lost what it said it wrote: it is never asked again.
    private void latch(IOException e) {
        Refused failure = new Refused(Refused.Reason.FAILED, "spool failed: " + e);
        failed = failure;
        notices.accept(StoreNotice.alarm(failure.text() + "; nothing is accepted until restart"));
        abandon().forEach(op -> refuse(op, Refused.Reason.FAILED, failure.text()));
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
    public final void close() {
        if (closed) {
            return;
        }
        closed = true;
        stop.run();
        // a store that nobody asked for anything is not to be tidied either
        while (asked && step(true) == Progress.MORE && (!taken.isEmpty() || !isIdle())) {
            // what was asked before is done and answered
        }
        closeFiles();
    }
}
