package smtpd.mda;

import smtpd.core.proc.Fatal;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// Closes what takes too long: a blocked read or write on it then fails.
final class Watchdog {
    private final ScheduledThreadPoolExecutor timer;

    Watchdog() {
        timer =
                new ScheduledThreadPoolExecutor(
                        1, Thread.ofPlatform().name("watchdog").daemon(true).factory());
        timer.setRemoveOnCancelPolicy(true);
    }

    /// Closes `victim` unless the limit is called off before.
    Limit after(Duration time, Closeable victim) {
        AtomicBoolean reached = new AtomicBoolean();
        return new Limit(
                reached,
                timer.schedule(
                        Fatal.guarded(() -> bite(reached, victim)),
                        time.toMillis(),
                        TimeUnit.MILLISECONDS));
    }

    private static void bite(AtomicBoolean reached, Closeable victim) {
        reached.set(true);
        try {
            victim.close();
        } catch (IOException _) {
            return;
        }
    }

    /// A limit that is running.
    ///
    /// @param reached whether it was reached
    /// @param future ends it
    record Limit(AtomicBoolean reached, ScheduledFuture<?> future) {
        /// Ends the limit; false if it was reached before.
        boolean callOff() {
            future.cancel(false);
            return !reached.get();
        }
    }
}
