package smtpd.smtp.guard;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/// A bucket for each of many names: each thing done takes a drop, and drops come back evenly. A
/// bucket that is full again is as good as none. There are [#NAMES_MAX] at most; the one that was
/// not touched for longest makes room.
final class Buckets {
    /// Most names: a few megabytes when all are used.
    static final int NAMES_MAX = 16_384;

    private final int capacity;
    private final double nanosPerDrop;
    private final Map<String, Level> levels;

    /// How many drops are gone, at a time.
    private record Level(double gone, long at) {}

    /// @param capacity drops; 0 for as many as anybody wants
    /// @param period in which an empty bucket fills
    Buckets(int capacity, Duration period) {
        this.capacity = capacity;
        nanosPerDrop = (double) period.toNanos() / Math.max(1, capacity);
        levels =
                new LinkedHashMap<>(16, 0.75f, true) {
                    private static final long serialVersionUID = 1;

                    @Override
                    protected boolean removeEldestEntry(Map.Entry<String, Level> eldest) {
                        return size() > NAMES_MAX;
                    }
                };
    }

    /// Whether there is a drop left.
    ///
    /// @param now nanoseconds of a clock that never goes back
    boolean has(String name, long now) {
        return capacity == 0 || gone(name, now) <= capacity - 1;
    }

    /// Takes a drop, whether there is one or not.
    void take(String name, long now) {
        if (capacity > 0) {
            levels.put(name, new Level(Math.min(capacity, gone(name, now) + 1), now));
        }
    }

    /// Takes a drop if there is one.
    boolean tryTake(String name, long now) {
        boolean left = has(name, now);
        if (left) {
            take(name, now);
        }
        return left;
    }

    private double gone(String name, long now) {
        Level level = levels.get(name);
        if (level == null) {
            return 0;
        }
        double gone = level.gone() - Math.max(0, now - level.at()) / nanosPerDrop;
        if (gone <= 0) {
            levels.remove(name);
            return 0;
        }
        return gone;
    }

    /// How many names are remembered.
    int names() {
        return levels.size();
    }
}
