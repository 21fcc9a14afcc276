package smtpd.lka.table.sqlite;

import org.jspecify.annotations.Nullable;

import smtpd.core.table.SqliteConf;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/// A few sessions of one database, each used by one platform thread at a time: a call into the
/// native library would hold a carrier of the virtual threads that ask.
final class SqlitePool implements AutoCloseable {
    /// Sessions at most: as many questions as are answered at a time.
    static final int SESSIONS = 4;

    /// Questions that wait for a session; more hear "not now".
    static final int WAITING_MAX = 1024;

    /// How long whoever asks waits.
    static final Duration PATIENCE = Duration.ofSeconds(10);

    /// A thread that has had nothing to do for so long ends.
    private static final Duration IDLE = Duration.ofSeconds(30);

    private final SqliteConf conf;
    private final BlockingQueue<SqliteSession> idle = new ArrayBlockingQueue<>(SESSIONS);
    private final ThreadPoolExecutor threads;
    private volatile boolean closed;

    /// What is done with a session.
    ///
    /// @param <T> what comes of it
    @FunctionalInterface
    interface Task<T> {
        T run(SqliteSession session) throws SQLException;
    }

    /// Opens the first session, so that a database that does not fit is noticed at once.
    ///
    /// @param name for the threads
    SqlitePool(String name, SqliteConf conf) throws IOException, SQLException {
        this.conf = conf;
        idle.add(SqliteSession.open(conf));
        threads =
                new ThreadPoolExecutor(
                        SESSIONS,
                        SESSIONS,
                        IDLE.toSeconds(),
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(WAITING_MAX),
                        Thread.ofPlatform().name("table " + name).daemon(true).factory());
        threads.allowCoreThreadTimeOut(true);
    }

    SqliteConf conf() {
        return conf;
    }

    /// Runs a task on a thread that may block, and waits for it.
    ///
    /// @throws IOException why there is no answer now
    <T> T run(Task<T> task) throws IOException {
        AtomicReference<@Nullable SqliteSession> used = new AtomicReference<>();
        try {
            Future<T> future = threads.submit(() -> inSession(task, used));
            try {
                return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (!future.cancel(false)) {
                    throw new IOException("too late", e);
                }
                SqliteSession busy = used.get();
                if (busy != null) {
                    busy.interrupt();
                }
                throw new IOException("no answer within " + PATIENCE.toSeconds() + " s", e);
            }
        } catch (RejectedExecutionException e) {
            throw new IOException("too many questions under way", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            String why = cause == null ? "" : String.valueOf(cause.getMessage());
            throw new IOException(why, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /// A session whose task failed is not used again.
    private <T> T inSession(Task<T> task, AtomicReference<@Nullable SqliteSession> used)
            throws IOException, SQLException {
        SqliteSession free = idle.poll();
        SqliteSession session = free == null ? SqliteSession.open(conf) : free;
        used.set(session);
        boolean sound = false;
        try {
            T result = task.run(session);
            sound = true;
            return result;
        } finally {
            used.set(null);
            if (!sound || closed || !idle.offer(session)) {
                session.close();
            }
        }
    }

    /// Ends the sessions once nobody uses them.
    @Override
    public void close() {
        closed = true;
        threads.shutdown();
        for (SqliteSession free = idle.poll(); free != null; free = idle.poll()) {
            try {
                free.close();
            } catch (SQLException _) {
                // it was only read from
            }
        }
    }
}
