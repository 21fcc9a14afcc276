package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.fs.NoSpaceException;
import smtpd.core.fs.SpoolFile;
import smtpd.core.fs.SpoolFs;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// A store of one file for each message and each envelope (`queue backend fs`), for people who want
/// to look: see [FsFiles].
///
/// State: a batch of changes is written to the journal and synced; from then on it is made,
/// whatever happens; then made in the files, each synced and renamed, and answered. The next batch
/// replaces the journal.
///
/// Crash points: before the journal's name is durable the batch was never asked for; after, it is
/// made again at start.
///
/// OpenSMTPD: `queue_fs.c`, which makes a directory per message and syncs nothing.
public final class FsStore extends BatchStore<FsDraft> {
    /// Changes made together: enough to share a sync, few enough to answer soon.
    private static final int BATCH_MAX = 256;

    private final SpoolFs fs;
    private final Closeable lock;
    private final IntMap<FsMessage> index;
    private final FsFiles files;
    private final FsJournal journal;
    private final FsChanges changes;
    private final Quarantine quarantine;
    private final SpaceGuard guard;

    /// Changes that are in the journal and not in all files yet.
    private final List<StoreOp.Commit<FsDraft>> making = new ArrayList<>();

    private boolean crowded;

    private FsStore(
            IntMap<FsMessage> index,
            SpoolFs fs,
            Closeable lock,
            StoreLimits limits,
            Consumer<StoreNotice> notices)
            throws IOException {
        super(index, notices);
        this.index = index;
        this.fs = fs;
        this.lock = lock;
        files = new FsFiles(fs);
        journal = new FsJournal(files);
        changes = new FsChanges(index, files);
        quarantine = new Quarantine(fs, notices);
        guard = new SpaceGuard(fs, limits);
        files.makeDirs();
        files.checkFormat();
        new FsRecovery(fs, files, index, quarantine).run(changes);
        guard.refresh();
    }

    /// Opens a spool, making it when the directory is empty; of `limits` only those of free space
    /// count. Throws [smtpd.core.fs.AlreadyLockedException] when another daemon has it,
    /// [SpoolRefusedException] for an unknown format, and other [IOException]s of the disk.
    public static FsStore open(SpoolFs fs, StoreLimits limits, Consumer<StoreNotice> notices)
            throws IOException {
        return locked(fs, lock -> new FsStore(new IntMap<>(), fs, lock, limits, notices));
    }

    @Override
    boolean exists(MsgId id) {
        return index.get(id.value()) != null;
    }

    @Override
    boolean exists(EvpId id) {
        FsMessage message = index.get(id.msgid().value());
        return message != null && message.envelopes.contains(id);
    }

    @Override
    FsDraft draft(MsgId id) {
        return new FsDraft(id);
    }

    @Override
    @Nullable Refused low() {
        return guard.low();
    }

    @Override
    Progress work(boolean flush) throws IOException {
        if (!making.isEmpty() && !make()) {
            return Progress.IDLE;
        }
        guard.look(notices);
        while (!taken.isEmpty()) {
            switch (taken.peek()) {
                case StoreOp.Append<FsDraft> append -> {
                    append(append);
                    taken.remove();
                }
                case StoreOp.Rollback<FsDraft> rollback -> {
                    discard(rollback.draft());
                    taken.remove();
                }
                case StoreOp.Commit<FsDraft> _ -> {
                    if (!flush && onlyRemovals()) {
                        return Progress.WAITING;
                    }
                    if (!batch()) {
                        return Progress.IDLE;
                    }
                }
            }
        }
        return Progress.IDLE;
    }

    private boolean onlyRemovals() {
        return taken.stream()
                .allMatch(op ->
                        op instanceof StoreOp.Commit<FsDraft> commit && commit.tx().mayWait());
    }

    private void append(StoreOp.Append<FsDraft> op) throws IOException {
        FsDraft draft = op.draft();
        String broken = draft.broken();
        if (broken != null) {
            op.done().accept(new Refused(Refused.Reason.DAMAGED, broken));
            return;
        }
        try {
            SpoolFile file = file(draft);
            Bytes piece = op.piece();
            file.write(
                    draft.written, ByteBuffer.wrap(piece.array(), piece.offset(), piece.length()));
            draft.written += piece.length();
        } catch (NoSpaceException e) {
            refuse(op, e);
            return;
        }
        op.done().accept(StoreResult.DONE);
    }

    private SpoolFile file(FsDraft draft) throws IOException {
        SpoolFile open = draft.file;
        if (open == null) {
            open = files.create(FsFiles.content(draft.id()));
            draft.file = open;
        }
        return open;
    }

    private void discard(FsDraft draft) throws IOException {
        if (draft.file != null) {
            draft.file.close();
            draft.file = null;
            files.unlink(FsFiles.content(draft.id()));
        }
    }

    /// Makes what is at the head of what was taken, up to something that depends on it. Returns
    /// false when it must wait.
    private boolean batch() throws IOException {
        List<StoreOp.Commit<FsDraft>> batch = new ArrayList<>();
        Set<MsgId> touched = new LinkedHashSet<>();
        while (batch.size() < BATCH_MAX
                && taken.peek() instanceof StoreOp.Commit<FsDraft> op
                && op.tx().add().stream().noneMatch(i -> touched.contains(i.id().msgid()))) {
            taken.remove();
            Refused refused = check(op);
            if (refused != null) {
                // what was asked before is answered before
                if (!flushBatch(batch)) {
                    taken.addFirst(op);
                    return false;
                }
                batch.clear();
                op.done().accept(refused);
                continue;
            }
            batch.add(op);
            op.tx().add().forEach(item -> touched.add(item.id().msgid()));
            op.tx().remove().forEach(id -> touched.add(id.msgid()));
            if (op.draft() != null) {
                op.draft().committing(true);
            }
        }
        return flushBatch(batch);
    }

    private boolean flushBatch(List<StoreOp.Commit<FsDraft>> batch) throws IOException {
        if (batch.isEmpty()) {
            return true;
        }
        making.addAll(batch);
        try {
            prepare(batch);
        } catch (NoSpaceException e) {
            making.clear();
            return crowded(batch, e);
        }
        crowded = false;
        return make();
    }

    /// Makes content durable, then the intention.
    private void prepare(List<StoreOp.Commit<FsDraft>> batch) throws IOException {
        for (StoreOp.Commit<FsDraft> op : batch) {
            FsDraft draft = op.draft();
            if (draft != null) {
                FsFiles.force(file(draft));
            }
        }
        files.settle();
        journal.write(batch.stream().map(StoreOp.Commit::tx).toList());
    }

    /// What did not fit is tried alone: what is small may fit, above all removals.
    private boolean crowded(List<StoreOp.Commit<FsDraft>> batch, NoSpaceException e)
            throws IOException {
        if (!crowded) {
            crowded = true;
            notices.accept(StoreNotice.warn("spool: " + e.getMessage()));
        }
        if (batch.size() == 1) {
            StoreOp.Commit<FsDraft> op = batch.getFirst();
            if (op.draft() != null) {
                op.draft().committing(false);
            }
            refuse(op, e);
            return true;
        }
        for (int i = 0; i < batch.size(); i++) {
            if (!flushBatch(List.of(batch.get(i)))) {
                batch.subList(i + 1, batch.size()).reversed().forEach(taken::addFirst);
                return false;
            }
        }
        return true;
    }

    /// Makes what is in the journal. On a disk too full for it returns false: it is tried again,
    /// nothing else is done before.
    private boolean make() throws IOException {
        try {
            files.settle();
            for (StoreOp.Commit<FsDraft> op : making) {
                changes.make(op.tx());
            }
            changes.makeRoster(making.stream().map(StoreOp.Commit::tx).toList());
            files.settle();
        } catch (NoSpaceException e) {
            if (!crowded) {
                crowded = true;
                notices.accept(
                        StoreNotice.warn("spool: " + e.getMessage() + "; waiting for space"));
            }
            return false;
        }
        List<StoreOp.Commit<FsDraft>> made = List.copyOf(making);
        making.clear();
        for (StoreOp.Commit<FsDraft> op : made) {
            FsDraft draft = op.draft();
            if (draft != null && draft.file != null) {
                draft.file.close();
                draft.file = null;
            }
            synchronized (index) {
                op.tx().commit().ifPresent(commit -> drafts.remove(commit.message().value()));
            }
            op.done().accept(StoreResult.DONE);
        }
        return true;
    }

    @Override
    List<StoreOp<FsDraft>> abandon() {
        List<StoreOp<FsDraft>> left = new ArrayList<>(making);
        making.clear();
        return left;
    }

    @Override
    public Bytes roster() {
        return changes.roster();
    }

    private Optional<FsMessage> find(MsgId id) {
        synchronized (index) {
            return Optional.ofNullable(index.get(id.value()));
        }
    }

    @Override
    public Stored load(EvpId id) {
        synchronized (index) {
            if (!exists(id)) {
                return Stored.ABSENT;
            }
        }
        try {
            return files.readEnvelope(id);
        } catch (NoSuchFileException e) {
            synchronized (index) {
                return exists(id)
                        ? new Refused(Refused.Reason.DAMAGED, "envelope " + id + " is missing")
                        : Stored.ABSENT;
            }
        } catch (CorruptException | SpoolRefusedException e) {
            quarantine.file(FsFiles.envelope(id), rest(id), String.valueOf(e.getMessage()));
            return new Refused(Refused.Reason.DAMAGED, "envelope " + id + ": " + e.getMessage());
        } catch (IOException e) {
            return new Refused(Refused.Reason.FAILED, "envelope " + id + ": " + e);
        }
    }

    private ByteBuffer rest(EvpId id) {
        try {
            return files.read(FsFiles.envelope(id));
        } catch (IOException _) {
            return ByteBuffer.allocate(0);
        }
    }

    @Override
    public Optional<Bytes> label(MsgId id) {
        return find(id).map(message -> message.label);
    }

    @Override
    public Iterator<MsgId> messages() {
        synchronized (index) {
            return Arrays.stream(index.sortedKeys()).mapToObj(MsgId::new).iterator();
        }
    }

    @Override
    public List<EvpId> envelopes(MsgId id) {
        synchronized (index) {
            FsMessage message = index.get(id.value());
            return message == null ? List.of() : List.copyOf(message.envelopes);
        }
    }

    @Override
    public Optional<Content> content(MsgId id) {
        Optional<FsMessage> message = find(id);
        if (message.isEmpty()) {
            return Optional.empty();
        }
        try {
            SpoolFile file =
                    message.get().size == 0 ? new NoFile() : fs.openForReading(FsFiles.content(id));
            return Optional.of(new FsContent(file, message.get(), why -> hold(id, why)));
        } catch (NoSuchFileException e) {
            String why = "content cannot be opened: " + e;
            hold(id, why);
            return find(id).map(_ -> new FsContent(new NoFile(), message.get(), _ -> {}));
        } catch (IOException e) {
            Refused notNow = new Refused(Refused.Reason.FAILED, e.toString());
            return Optional.of(new NoContent(message.get().size, notNow));
        }
    }

    @Override
    public void hold(MsgId id, String why) {
        synchronized (index) {
            FsMessage message = index.get(id.value());
            if (message == null || message.held) {
                return;
            }
            message.held = true;
        }
        quarantine.hold(id, why);
    }

    @Override
    public void hold(EvpId id, String why) {
        quarantine.hold(id, load(id), why);
    }

    @Override
    public RecordCursor walk() {
        return cursor(Optional.empty(), false);
    }

    @Override
    public RecordCursor list(Optional<EvpId> from) {
        return cursor(from, true);
    }

    private RecordCursor cursor(Optional<EvpId> from, boolean held) {
        List<EvpId> ids = new ArrayList<>();
        synchronized (index) {
            index.forEach(message -> {
                if (held || !message.held) {
                    ids.addAll(message.envelopes);
                }
            });
        }
        from.ifPresent(least -> ids.removeIf(id -> id.compareTo(least) < 0));
        ids.sort(Comparator.naturalOrder());
        long[] values = ids.stream().mapToLong(EvpId::value).toArray();
        return new IdCursor(values, this::load, () -> {}, notices);
    }

    @Override
    public StoreStatus status() {
        long[] count = new long[3];
        synchronized (index) {
            index.forEach(message -> {
                count[0]++;
                count[1] += message.envelopes.size();
                count[2] += message.held ? 1 : 0;
            });
        }
        return new StoreStatus(count[0], count[1], count[2], Optional.ofNullable(refusal()));
    }

    @Override
    void closeFiles() {
        try {
            lock.close();
        } catch (IOException e) {
            notices.accept(StoreNotice.warn("spool lock: " + e));
        }
    }
}
