package smtpd.core.conf;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The values of [SmtpLimit].
///
/// @param values one for each
public record SmtpLimits(Map<SmtpLimit, Integer> values) {
    /// What holds when nothing is configured.
    public static final SmtpLimits DEFAULT = new SmtpLimits(Map.of());

    /// Takes a copy; what is missing is as usual.
    public SmtpLimits {
        EnumMap<SmtpLimit, Integer> all = new EnumMap<>(SmtpLimit.class);
        for (SmtpLimit limit : SmtpLimit.values()) {
            all.put(limit, values.getOrDefault(limit, limit.usual()));
        }
        values = Collections.unmodifiableMap(all);
    }

    /// The limits whose values are listed in the order of [SmtpLimit]; what is missing at the end
    /// is as usual.
    public static SmtpLimits listed(List<Integer> list) {
        EnumMap<SmtpLimit, Integer> values = new EnumMap<>(SmtpLimit.class);
        for (SmtpLimit limit : SmtpLimit.values()) {
            if (values.size() < list.size()) {
                values.put(limit, list.get(values.size()));
            }
        }
        return new SmtpLimits(values);
    }

    /// Every value in the order of [SmtpLimit].
    public List<Integer> list() {
        return List.copyOf(values.values());
    }

    /// The value of a limit; 0 for none.
    public int of(SmtpLimit limit) {
        return Optional.ofNullable(values.get(limit)).orElse(limit.usual());
    }

    /// The same with another value for one.
    public SmtpLimits with(SmtpLimit limit, int value) {
        EnumMap<SmtpLimit, Integer> changed = new EnumMap<>(values);
        changed.put(limit, value);
        return new SmtpLimits(changed);
    }
}
