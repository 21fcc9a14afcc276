package smtpd.core.conf;

import java.util.List;

/// The values of [SmtpLimit].
///
/// @param values one for each, in its order
public record SmtpLimits(List<Integer> values) {
    /// What holds when nothing is configured.
    public static final SmtpLimits DEFAULT = new SmtpLimits(List.of());

    /// Takes a copy; what is missing at the end is as usual.
    public SmtpLimits {
        Integer[] all = new Integer[SmtpLimit.values().length];
        for (SmtpLimit limit : SmtpLimit.values()) {
            int at = limit.ordinal();
            all[at] = at < values.size() ? values.get(at) : (Integer) limit.usual();
        }
        values = List.of(all);
    }

    /// The value of a limit; 0 for none.
    public int of(SmtpLimit limit) {
        return values.get(limit.ordinal());
    }

    /// The same with another value for one.
    public SmtpLimits with(SmtpLimit limit, int value) {
        Integer[] changed = values.toArray(Integer[]::new);
        changed[limit.ordinal()] = value;
        return new SmtpLimits(List.of(changed));
    }
}
