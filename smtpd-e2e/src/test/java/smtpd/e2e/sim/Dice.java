package smtpd.e2e.sim;

import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/// Questions to chance.
///
/// @param random the source
record Dice(RandomGenerator random) {
    boolean percent(int chance) {
        return random.nextInt(100) < chance;
    }

    Duration between(Duration least, Duration most) {
        return Duration.ofNanos(random.nextLong(least.toNanos(), most.toNanos() + 1));
    }

    Duration millis(int least, int most) {
        return between(Duration.ofMillis(least), Duration.ofMillis(most));
    }

    <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }
}
