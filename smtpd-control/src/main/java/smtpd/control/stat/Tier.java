package smtpd.control.stat;

import java.util.List;

/// One resolution of a history: so many steps of so many seconds, the oldest overwritten by the
/// newest.
///
/// @param seconds length of a step
/// @param steps how many are kept
public record Tier(int seconds, int steps) {
    private static final int MINUTE = 60;
    private static final int HOUR = 3600;
    private static final int DAY = 24 * HOUR;

    /// On disk: seconds for an hour, minutes for a week, hours for three years.
    static final List<Tier> LASTING =
            List.of(
                    new Tier(1, HOUR),
                    new Tier(MINUTE, 7 * DAY / MINUTE),
                    new Tier(HOUR, 3 * 365 * DAY / HOUR));

    /// In memory: seconds for an hour, minutes for a day. At most 200 numbers of nine octets in
    /// each of 5040 steps: a seventh of control's heap.
    static final List<Tier> PASSING = List.of(new Tier(1, HOUR), new Tier(MINUTE, DAY / MINUTE));

    /// How far back it reaches, in seconds.
    long span() {
        return (long) seconds * steps;
    }

    /// The step a second is in.
    long step(long second) {
        return Math.floorDiv(second, seconds);
    }
}
