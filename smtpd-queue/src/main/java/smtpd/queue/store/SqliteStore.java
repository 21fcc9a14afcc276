package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.fs.NoSpaceException;
import smtpd.core.fs.SpoolFs;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// A store in an SQLite database (`queue backend sqlite`): `queue.sqlite` in the spool, with
/// nothing about messages in memory.
///
/// State: a step makes all that waits in one transaction of the database, and answers when that is
/// durable (write-ahead log, synchronous FULL). Content is written as it comes; of a message that
/// nobody committed it is removed at start.
///
/// Crash points: SQLite's.
public final class SqliteStore extends BatchStore<Draft> {
    /// Changes made together.
    private static final int BATCH_MAX = 1024;

    private final Closeable lock;
    private final SqliteQueue queue;
    private final Quarantine quarantine;
    private final SpaceGuard guard;
    private final List<StoreOp<Draft>> making = new ArrayList<>();
    private boolean crowded;

    private SqliteStore(
            SqliteQueue queue,
            SpoolFs fs,
            Closeable lock,
            StoreLimits limits,
            Consumer<StoreNotice> notices)
            throws IOException {
        super(queue, notices);
        this.queue = queue;
        this.lock = lock;
        quarantine = new Quarantine(fs, notices);
        guard = new SpaceGuard(fs, limits);
        fs.makeDir(SegmentFormat.CORRUPT_DIR);
        guard.refresh();
    }

    /// Opens the database in a spool, making it when there is none; `directory` is where `fs` is.
    /// Throws [smtpd.core.fs.AlreadyLockedException] when another daemon has it,
    /// [SpoolRefusedException] for an unknown format, and other [IOException]s of the disk.
    public static SqliteStore open(
            SpoolFs fs, Path directory, StoreLimits limits, Consumer<StoreNotice> notices)
            throws IOException {
        return locked(
                fs,
                lock -> {
                    SqliteQueue queue = queue(fs, directory, notices);
                    fs.forceDir("");
                    return new SqliteStore(queue, fs, lock, limits, notices);
                });
    }

    private static SqliteQueue queue(SpoolFs fs, Path directory, Consumer<StoreNotice> notices)
            throws IOException {
        SqliteSalvage.finish(fs, directory);
        Path file = directory.resolve(SqliteQueue.FILE);
        try {
            return SqliteQueue.open(file);
        } catch (CorruptException e) {
            SqliteSalvage.run(fs, directory, file + ": " + e.getMessage(), notices);
            return SqliteQueue.open(file);
        }
    }

    @Override
    boolean exists(MsgId id) throws IOException {
        return asking(() -> queue.message(id).isPresent());
    }

    @Override
    boolean exists(EvpId id) throws IOException {
        return asking(() -> queue.envelope(id).isPresent());
    }

    @Override
    Draft draft(MsgId id) {
        return new Draft(id);
    }

    @Override
    @Nullable Refused low() {
        return guard.low();
    }

    /// Something asked of the database.
    private interface Question<T> {
        T ask() throws SQLException;
    }

    private <T> T asking(Question<T> question) throws IOException {
        synchronized (queue) {
            try {
                return question.ask();
            } catch (SQLException e) {
                throw SqliteQueue.translated(e);
            }
        }
    }

    @Override
    Progress work(boolean flush) throws IOException {
        guard.look(notices);
        if (!flush && !taken.isEmpty() && taken.stream().allMatch(SqliteStore::mayWait)) {
            return Progress.WAITING;
        }
        while (!taken.isEmpty()) {
            batch();
            tidy();
        }
        return Progress.IDLE;
    }

    /// Moves what is in the log into the database when that is much. Without room for it the log
    /// grows on; what was made is durable in it.
    private void tidy() throws IOException {
        try {
            if (asking(queue::tidy) && crowded) {
                crowded = false;
            }
        } catch (NoSpaceException e) {
            if (!crowded) {
                crowded = true;
                notices.accept(StoreNotice.warn("spool: " + e.getMessage()));
            }
        }
    }

    private static boolean mayWait(StoreOp<Draft> op) {
        return op instanceof StoreOp.Commit<Draft> commit && commit.tx().mayWait();
    }

    /// Makes what is at the head of what was taken in one transaction. What it refuses is answered
    /// with the others, in order.
    private void batch() throws IOException {
        List<StoreOp<Draft>> ops = new ArrayList<>();
        while (!taken.isEmpty() && ops.size() < BATCH_MAX) {
            ops.add(taken.remove());
        }
        try {
            make(ops);
        } catch (NoSpaceException e) {
            if (ops.size() == 1) {
                refuse(ops.getFirst(), e);
                return;
            }
            ops.reversed().forEach(taken::addFirst);
            for (int i = 0; i < ops.size(); i++) {
                alone(taken.remove());
            }
        }
    }

    private void alone(StoreOp<Draft> op) throws IOException {
        try {
            make(List.of(op));
        } catch (NoSpaceException e) {
            refuse(op, e);
        }
    }

    private void make(List<StoreOp<Draft>> ops) throws IOException {
        making.addAll(ops);
        List<Runnable> answers = new ArrayList<>();
        Set<Integer> committed = new LinkedHashSet<>();
        try {
            synchronized (queue) {
                for (StoreOp<Draft> op : ops) {
                    answers.add(make(op, committed));
                }
                asking(() -> {
                    queue.commit();
                    return true;
                });
            }
        } catch (NoSpaceException e) {
            undo(ops);
            making.clear();
            throw e;
        }
        making.clear();
        synchronized (queue) {
            committed.forEach(drafts::remove);
        }
        answers.forEach(Runnable::run);
    }

    private void undo(List<StoreOp<Draft>> ops) throws IOException {
        asking(() -> {
            queue.rollback();
            return true;
        });
        for (StoreOp<Draft> op : ops) {
            if (op instanceof StoreOp.Commit<Draft>(_, Draft draft, _) && draft != null) {
                draft.committing(false);
            }
        }
    }

    /// Makes one within the transaction; returns what answers it.
    private Runnable make(StoreOp<Draft> op, Set<Integer> committed) throws IOException {
        switch (op) {
            case StoreOp.Append<Draft> append -> {
                String broken = append.draft().broken();
                if (broken != null) {
                    Refused refused = new Refused(Refused.Reason.DAMAGED, broken);
                    return () -> append.done().accept(refused);
                }
                asking(() -> {
                    queue.append(append.draft().id(), append.piece());
                    return true;
                });
                return () -> append.done().accept(StoreResult.DONE);
            }
            case StoreOp.Rollback<Draft> rollback -> {
                asking(() -> {
                    queue.discard(rollback.draft().id());
                    return true;
                });
                return () -> {};
            }
            case StoreOp.Commit<Draft> commit -> {
                Refused refused = check(commit);
                if (refused != null) {
                    return () -> commit.done().accept(refused);
                }
                if (commit.draft() != null) {
                    commit.draft().committing(true);
                    committed.add(commit.draft().id().value());
                }
                asking(() -> {
                    queue.make(commit.tx());
                    return true;
                });
                return () -> commit.done().accept(StoreResult.DONE);
            }
        }
    }

    @Override
    List<StoreOp<Draft>> abandon() {
        List<StoreOp<Draft>> left = List.copyOf(making);
        making.clear();
        return left;
    }

    @Override
    public Stored load(EvpId id) {
        try {
            Optional<Stored.Found> found = asking(() -> queue.envelope(id));
            return found.isPresent() ? found.get() : Stored.ABSENT;
        } catch (CorruptException e) {
            quarantine.hold(id, Stored.ABSENT, String.valueOf(e.getMessage()));
            return SqliteQueue.damaged(id, e);
        } catch (IOException e) {
            return new Refused(Refused.Reason.FAILED, "envelope " + id + ": " + e);
        }
    }

    private Optional<SqliteQueue.Message> message(MsgId id) {
        try {
            return asking(() -> queue.message(id));
        } catch (IOException e) {
            notices.accept(StoreNotice.warn("message " + id + ": " + e.getMessage()));
            return Optional.empty();
        }
    }

    @Override
    public Bytes roster() throws IOException {
        try {
            return asking(queue::roster);
        } catch (CorruptException e) {
            notices.accept(StoreNotice.warn("roster: " + e.getMessage()));
            return Bytes.EMPTY;
        }
    }

    @Override
    public Optional<Bytes> label(MsgId id) {
        return message(id).map(SqliteQueue.Message::label);
    }

    @Override
    public Iterator<MsgId> messages() {
        return new SqliteMessages(after -> list(() -> queue.messages(after)));
    }

    @Override
    public Map<Long, Long> keys() {
        synchronized (queue) {
            return queue.keys();
        }
    }

    private <T> List<T> list(Question<List<T>> question) {
        try {
            return asking(question);
        } catch (IOException e) {
            notices.accept(StoreNotice.warn("spool: " + e.getMessage()));
            return List.of();
        }
    }

    @Override
    public List<EvpId> envelopes(MsgId id) {
        return list(() -> queue.envelopes(id));
    }

    @Override
    public Optional<Content> content(MsgId id) {
        return message(id).map(it -> new SqliteContent(this::piece, id, it, why -> hold(id, why)));
    }

    private Bytes piece(MsgId id, int number) throws IOException {
        return asking(() -> queue.piece(id, number));
    }

    @Override
    public void hold(MsgId id, String why) {
        try {
            boolean fresh = asking(() -> queue.hold(id));
            if (fresh) {
                quarantine.hold(id, why);
            }
        } catch (IOException e) {
            notices.accept(StoreNotice.warn("message " + id + ": " + e.getMessage()));
        }
    }

    @Override
    public void hold(EvpId id, String why) {
        quarantine.hold(id, load(id), why);
    }

    @Override
    public RecordCursor walk() {
        return new SqliteCursor(this::page, Optional.empty(), false, notices);
    }

    @Override
    public RecordCursor list(Optional<EvpId> from) {
        return new SqliteCursor(this::page, from, true, notices);
    }

    private SqliteQueue.Page page(Optional<EvpId> after, boolean inclusive, boolean held) {
        try {
            return asking(() -> queue.page(after, inclusive, held));
        } catch (CorruptException _) {
            // something of it is damaged: the rest is read one by one
            List<EvpId> ids = list(() -> queue.ids(after, inclusive, held));
            return new SqliteQueue.Page(
                    ids.stream().map(this::load).toList(),
                    ids.isEmpty() ? Optional.empty() : Optional.of(ids.getLast()));
        } catch (IOException e) {
            notices.accept(StoreNotice.warn("spool: " + e.getMessage()));
            return new SqliteQueue.Page(List.of(), Optional.empty());
        }
    }

    @Override
    public StoreStatus status() {
        synchronized (queue) {
            return queue.status(Optional.ofNullable(refusal()));
        }
    }

    @Override
    void closeFiles() {
        try {
            asking(() -> {
                queue.close();
                return true;
            });
            lock.close();
        } catch (IOException e) {
            notices.accept(StoreNotice.warn("spool: " + e));
        }
    }
}
