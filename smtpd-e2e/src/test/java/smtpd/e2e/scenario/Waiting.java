package smtpd.e2e.scenario;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/// Waits for conditions of other processes, by asking again and again until a deadline.
public final class Waiting {
    /// How long anything may take on a machine that is busy with other work.
    public static final Duration PATIENCE = Duration.ofSeconds(Long.getLong("patience", 60));

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private Waiting() {}

    /// Something that is true sooner or later.
    public interface Condition {
        boolean holds() throws IOException;
    }

    /// Waits until a condition holds.
    ///
    /// @param failure what to say when it does not within [#PATIENCE]
    public static void until(Condition condition, Supplier<String> failure) {
        if (!within(PATIENCE, condition)) {
            throw new AssertionError(failure.get());
        }
    }

    /// Whether a condition holds before a time is over.
    public static boolean within(Duration time, Condition condition) {
        long deadline = System.nanoTime() + time.toNanos();
        try {
            while (!condition.holds()) {
                if (System.nanoTime() - deadline > 0) {
                    return false;
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Lets a time pass while others work.
    public static void pass(Duration time) {
        within(time, () -> false);
    }
}
