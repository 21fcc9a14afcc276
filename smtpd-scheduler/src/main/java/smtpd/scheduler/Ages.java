package smtpd.scheduler;

import smtpd.core.imsg.QueueSummary;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// How many envelopes are how old, counted by the minute they were made in: as many numbers as
/// minutes, however many envelopes.
final class Ages {
    /// Where one age ends and the next begins. Most mail is gone within seconds; what was put off a
    /// few times is minutes to hours old; after days it is returned.
    static final List<Duration> BOUNDS =
            List.of(
                    Duration.ofMinutes(2),
                    Duration.ofMinutes(15),
                    Duration.ofHours(1),
                    Duration.ofHours(4),
                    Duration.ofDays(1),
                    Duration.ofDays(4));

    /// Stands for no bound: longer than the longest `ttl`.
    static final Duration NO_BOUND = Duration.ofDays(100_000);

    static final long MINUTE = 60_000;

    private final TreeMap<Long, Integer> made = new TreeMap<>();

    void add(long created) {
        made.merge(created / MINUTE, 1, Integer::sum);
    }

    void remove(long created) {
        made.computeIfPresent(created / MINUTE, (_, count) -> count == 1 ? null : count - 1);
    }

    /// Counts several of one age.
    void add(long created, int count) {
        made.merge(created / MINUTE, count, Integer::sum);
    }

    /// How many were made in a minute.
    int count(long minute) {
        return made.getOrDefault(minute, 0);
    }

    void clear() {
        made.clear();
    }

    /// The ages as they are now; each envelope is as old as its minute.
    List<QueueSummary.Age> at(long now) {
        List<QueueSummary.Age> ages = new ArrayList<>();
        Duration from = Duration.ZERO;
        for (Duration below : BOUNDS) {
            ages.add(new QueueSummary.Age(below, between(now, from, below)));
            from = below;
        }
        ages.add(new QueueSummary.Age(NO_BOUND, between(now, from, NO_BOUND)));
        return ages;
    }

    /// What the clock says is still to be made is young.
    private int between(long now, Duration from, Duration below) {
        long oldest = (now - below.toMillis()) / MINUTE;
        long youngest = from.isZero() ? Long.MAX_VALUE : (now - from.toMillis()) / MINUTE;
        return made.subMap(oldest, false, youngest, true).values().stream()
                .mapToInt(Integer::intValue)
                .sum();
    }
}
