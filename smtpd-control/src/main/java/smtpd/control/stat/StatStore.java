package smtpd.control.stat;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.StatKind;
import smtpd.core.imsg.StatUpdate;
import smtpd.core.imsg.Stats;
import smtpd.core.proc.Role;
import smtpd.core.stat.Statistics;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// The statistics of all processes as they stand now, sorted by key.
///
/// Keys hold names of the world, so their number is bounded: of each family [#NAMES_MAX] names have
/// a place, and the rest counts as its `other`; of all keys together [#KEYS_MAX], and what has no
/// place any more is counted under [#OTHER]. A level (a key that has been set or counted down) is
/// remembered for each process and taken back when that process dies; a total stays.
public final class StatStore {
    /// Keys kept: a hundred are ours, the rest is for names of domains, relays, listeners.
    static final int KEYS_MAX = 4096;

    /// Names kept of each family.
    static final int NAMES_MAX = 500;

    /// Longest key; what is beyond is cut.
    static final int KEY_MAX = 200;

    /// Counts updates of keys beyond [#KEYS_MAX].
    static final String OTHER = "other";

    /// Counts updates that do not fit what their key is.
    static final String UNFIT = "stat.unfit";

    private final Map<String, Metric> values = new TreeMap<>();
    private final Map<String, Distribution> distributions = new HashMap<>();
    private final Map<Role, Map<String, Level>> levels = new EnumMap<>(Role.class);
    private final Map<String, Integer> names = new HashMap<>();

    /// What one process has contributed to a key.
    private static final class Level {
        private long amount;
        private boolean isLevel;
    }

    /// Begins with what was counted before. Levels are not among it: who has them tells again.
    public void restore(Map<String, Metric> totals) {
        totals.forEach((key, metric) -> {
            if (hasRoom(key)) {
                values.put(key, metric);
                if (metric instanceof Metric.Durations(Distribution before)) {
                    distributions.put(key, before.copy());
                }
            }
        });
    }

    /// Applies what a process says.
    public void apply(Role from, Stats stats) {
        stats.updates().forEach(update -> apply(from, update));
    }

    private void apply(Role from, StatUpdate update) {
        String key = place(clean(update.key()));
        Metric before = values.get(key);
        if (key.equals(OTHER)) {
            values.put(OTHER, new Metric.Counter(number(before) + 1));
        } else if (before != null && !fits(before, update.kind())) {
            count(UNFIT, 1);
        } else {
            apply(from, key, before, update);
        }
    }

    private static boolean fits(Metric metric, StatKind kind) {
        return switch (kind) {
            case INCREMENT, DECREMENT, SET ->
                    metric instanceof Metric.Counter || metric instanceof Metric.Level;
            case OBSERVE -> metric instanceof Metric.Durations;
            case RATIO -> metric instanceof Metric.Ratio;
            case STAMP -> metric instanceof Metric.Stamp;
        };
    }

    private void apply(Role from, String key, @Nullable Metric before, StatUpdate u) {
        switch (u.kind()) {
            case INCREMENT -> add(from, key, u.value(), false);
            case DECREMENT -> add(from, key, -u.value(), true);
            case SET -> set(from, key, u.value());
            case OBSERVE -> {
                distributions.computeIfAbsent(key, _ -> new Distribution()).add(u.value());
                values.put(key, new Metric.Durations(EMPTY));
            }
            case RATIO -> {
                Metric.Ratio old = before instanceof Metric.Ratio it ? it : new Metric.Ratio(0, 0);
                values.put(key, new Metric.Ratio(old.part() + u.value(), old.whole() + u.whole()));
            }
            case STAMP -> {
                long old = before instanceof Metric.Stamp(long second) ? second : 0;
                values.put(key, new Metric.Stamp(Math.max(old, u.value())));
            }
        }
    }

    /// Stands for one of [#distributions], which changes in place.
    private static final Distribution EMPTY = new Distribution();

    private void add(Role from, String key, long amount, boolean down) {
        boolean isLevel = down || values.get(key) instanceof Metric.Level || Levels.isLevel(key);
        count(key, amount, isLevel);
        Level level = level(from, key);
        level.amount += amount;
        level.isLevel |= isLevel;
    }

    private void set(Role from, String key, long value) {
        Level level = level(from, key);
        count(key, value - level.amount, true);
        level.amount = value;
        level.isLevel = true;
    }

    private void count(String key, long amount) {
        count(place(key), amount, false);
    }

    private void count(String key, long amount, boolean isLevel) {
        long now = number(values.get(key)) + amount;
        values.put(key, isLevel ? new Metric.Level(now) : new Metric.Counter(now));
    }

    private static long number(@Nullable Metric metric) {
        return switch (metric) {
            case Metric.Counter(long value) -> value;
            case Metric.Level(long value) -> value;
            case Metric.Stamp _, Metric.Ratio _, Metric.Durations _ -> 0;
            case null -> 0;
        };
    }

    private Level level(Role from, String key) {
        return levels.computeIfAbsent(from, _ -> new TreeMap<>())
                .computeIfAbsent(key, _ -> new Level());
    }

    /// The key itself if it has a place or gets one; else the one that counts for the rest.
    private String place(String key) {
        if (hasRoom(key)) {
            return key;
        }
        int mark = key.indexOf(Statistics.NAME_MARK);
        if (mark < 0) {
            return OTHER;
        }
        String rest = key.substring(0, mark + 1) + Statistics.OTHER;
        return values.containsKey(rest) || values.size() < KEYS_MAX ? rest : OTHER;
    }

    /// Whether a key has a place; takes one for its name.
    private boolean hasRoom(String key) {
        if (values.containsKey(key)) {
            return true;
        }
        if (values.size() >= KEYS_MAX) {
            return false;
        }
        int mark = key.indexOf(Statistics.NAME_MARK);
        if (mark < 0) {
            return true;
        }
        String family = key.substring(0, mark);
        int taken = names.getOrDefault(family, 0);
        if (taken >= NAMES_MAX) {
            return false;
        }
        names.put(family, taken + 1);
        return true;
    }

    /// A process died: its levels are no more.
    public void lost(Role role) {
        Map<String, Level> gone = levels.remove(role);
        if (gone != null) {
            gone.forEach((key, level) -> {
                if (level.isLevel) {
                    count(key, -level.amount, true);
                }
            });
        }
    }

    /// How everything stands.
    public Reading reading(Instant now) {
        NavigableMap<String, Metric> copy = new TreeMap<>(values);
        distributions.forEach((key, it) -> copy.put(key, new Metric.Durations(it.copy())));
        return new Reading(now, copy);
    }

    /// The lines `key=value`, sorted.
    public List<String> lines() {
        NavigableMap<String, Long> shown = new TreeMap<>();
        reading(Instant.EPOCH).metrics().forEach((key, metric) -> shown.putAll(metric.shown(key)));
        List<String> lines = new ArrayList<>(shown.size());
        shown.forEach((key, value) -> lines.add(key + "=" + value));
        return lines;
    }

    /// Keeps a key on one line and free of the separator.
    private static String clean(String key) {
        String cut = key.length() > KEY_MAX ? key.substring(0, KEY_MAX) : key;
        StringBuilder out = new StringBuilder(cut.length());
        for (int i = 0; i < cut.length(); i++) {
            char c = cut.charAt(i);
            out.append(c <= ' ' || c > '~' || c == '=' ? '_' : c);
        }
        return out.toString();
    }
}
