package smtpd.control.stat;

import java.util.Collections;
import java.util.NavigableMap;
import java.util.TreeMap;

/// What happened in one step of a tier, and how the levels stood at its end. What is absent is 0.
///
/// @param step which, counted since 1970
/// @param gains what was added to each total
/// @param levels the levels
public record Sample(
        long step, NavigableMap<String, Long> gains, NavigableMap<String, Long> levels) {
    /// Gains kept of one step, and levels, each; names of the world that find no place in a step
    /// have totals and no history of it. Bounds the file, and what is kept in memory.
    static final int NUMBERS_MAX = 100;

    public Sample {
        gains = Collections.unmodifiableNavigableMap(new TreeMap<>(gains));
        levels = Collections.unmodifiableNavigableMap(new TreeMap<>(levels));
    }

    static Sample empty(long step) {
        return new Sample(step, new TreeMap<>(), new TreeMap<>());
    }

    boolean isEmpty() {
        return gains.isEmpty() && levels.isEmpty();
    }

    /// Of each gain the greater one of both; the levels of this one if there are any.
    Sample orMore(Sample other) {
        NavigableMap<String, Long> most = new TreeMap<>(gains);
        other.gains.forEach((key, value) -> most.merge(key, value, Math::max));
        return new Sample(step, most, levels.isEmpty() ? other.levels : levels);
    }

    /// This one with what happened later in the same step.
    Sample plus(NavigableMap<String, Long> moreGains, NavigableMap<String, Long> latestLevels) {
        NavigableMap<String, Long> sum = new TreeMap<>(gains);
        moreGains.forEach((key, value) -> sum.merge(key, value, Long::sum));
        return new Sample(step, sum, latestLevels);
    }
}
