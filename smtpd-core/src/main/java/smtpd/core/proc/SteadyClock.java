package smtpd.core.proc;

import java.time.Instant;
import java.time.InstantSource;

/// Wall-clock time at the start, advanced by the monotonic clock: steps of the wall clock do not
/// show.
public final class SteadyClock implements InstantSource {
    private final Instant start;
    private final long startNanos;

    /// @param wall the wall clock, read once, now
    public SteadyClock(InstantSource wall) {
        start = wall.instant();
        startNanos = System.nanoTime();
    }

    @Override
    public Instant instant() {
        return start.plusNanos(System.nanoTime() - startNanos);
    }
}
