package smtpd.mta;

import java.io.Closeable;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Ends writes that a peer does not take: a socket has no time limit for them, so whoever keeps its
/// window shut would hold the writer for ever.
///
/// The limit is kept by closing the connection, which ends the write.
final class WriteWatch {
    private static final ScheduledThreadPoolExecutor TIMER = timer();

    private final Closeable connection;
    private volatile boolean late;

    /// A step that may block in a write.
    @FunctionalInterface
    interface Step {
        void run() throws IOException;
    }

    /// @param connection closed when a write takes too long
    WriteWatch(Closeable connection) {
        this.connection = connection;
    }

    private static ScheduledThreadPoolExecutor timer() {
        ScheduledThreadPoolExecutor timer =
                new ScheduledThreadPoolExecutor(
                        1,
                        task -> Thread.ofPlatform().daemon().name("write watch").unstarted(task));
        timer.setRemoveOnCancelPolicy(true);
        return timer;
    }

    /// Runs a write.
    ///
    /// @throws SocketTimeoutException if it took longer than `patience`; the connection is closed
    void run(Step write, Duration patience) throws IOException {
        Future<?> alarm = TIMER.schedule(this::end, patience.toNanos(), TimeUnit.NANOSECONDS);
        try {
            write.run();
        } catch (IOException e) {
            if (late) {
                SocketTimeoutException timeout = new SocketTimeoutException("write");
                timeout.initCause(e);
                throw timeout;
            }
            throw e;
        } finally {
            alarm.cancel(false);
        }
    }

    private void end() {
        late = true;
        try {
            connection.close();
        } catch (IOException _) {
            // It is as good as closed.
        }
    }
}
