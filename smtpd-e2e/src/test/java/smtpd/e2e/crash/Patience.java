package smtpd.e2e.crash;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Waits for what another process does, until a deadline that only a broken daemon meets.
final class Patience {
    /// How long anything may take on a machine that is busy with other work.
    static final Duration LIMIT = Duration.ofSeconds(Long.getLong("patience", 60));

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private Patience() {}

    /// Waits until a condition holds.
    ///
    /// @param failure what to say when it does not within [#LIMIT]
    static void until(BooleanSupplier condition, Supplier<String> failure) {
        if (!within(LIMIT, condition)) {
            throw new AssertionError(failure.get());
        }
    }

    /// Whether a condition holds before a time is over.
    static boolean within(Duration time, BooleanSupplier condition) {
        long deadline = System.nanoTime() + time.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return true;
    }

    /// Lets a time pass while others work.
    static void pass(Duration time) {
        within(time, () -> false);
    }
}
