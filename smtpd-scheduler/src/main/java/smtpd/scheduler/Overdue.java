package smtpd.scheduler;

import java.util.List;

/// Spreads what was due before the start: so much each second, instead of all that there is room
/// for at once.
final class Overdue {
    private long rate;
    private long start;
    private long brought;

    /// A run begins.
    ///
    /// @param rows how many envelopes may be overdue
    void begin(int rows) {
        rate =
                Math.max(
                        Arrivals.SPREAD_BLOCK,
                        rows / (Arrivals.SPREAD_MAX_MILLIS / Arrivals.SPREAD_BLOCK_MILLIS));
        start = Long.MAX_VALUE;
        brought = 0;
    }

    /// How many of so many may be brought in.
    int limit(int want, long now) {
        start = Math.min(start, now);
        return isOver(now) ? want : Math.clamp(allowed(now) - brought, 1, want);
    }

    private boolean isOver(long now) {
        return now - start >= Arrivals.SPREAD_MAX_MILLIS;
    }

    private long allowed(long now) {
        return rate * (1 + (now - start) / Arrivals.SPREAD_BLOCK_MILLIS);
    }

    /// Whether nothing more may be brought in now.
    boolean isSpent(long now) {
        return start <= now && !isOver(now) && brought >= allowed(now);
    }

    /// Counts what was brought in.
    ///
    /// @param run the present run: what is of an earlier one was found at the start
    void brought(List<Shelf.Row> rows, long run) {
        for (Shelf.Row row : rows) {
            if (row.run() != run && row.wake() <= start) {
                brought++;
            }
        }
    }

    /// When something may be brought in: at once, or in the next second.
    long open(long now) {
        return isSpent(now)
                ? start + brought / rate * Arrivals.SPREAD_BLOCK_MILLIS
                : Long.MIN_VALUE;
    }
}
