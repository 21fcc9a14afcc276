package smtpd.control;

import smtpd.core.imsg.StatUpdate;
import smtpd.core.imsg.Stats;
import smtpd.core.proc.Role;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The statistics of all processes, in memory, sorted by key.
///
/// Keys come from outside and may hold names of the world, so their number is bounded: what has no
/// place any more is counted under [#OTHER]. A level (a key that has been set or counted down) is
/// remembered for each process and taken back when that process dies; a total stays. An observation
/// becomes `KEY.count` and `KEY.sum` (microseconds), a ratio `KEY.part` and `KEY.whole`.
final class StatStore {
    /// Keys kept: a hundred are ours, the rest is for names of listeners, routes and filters.
    static final int KEYS_MAX = 4096;

    /// Longest key; what is beyond is cut.
    static final int KEY_MAX = 200;

    /// Counts updates of keys beyond [#KEYS_MAX].
    static final String OTHER = "other";

    private final Map<String, Long> values = new TreeMap<>();
    private final Map<Role, Map<String, Level>> levels = new EnumMap<>(Role.class);

    /// What one process has contributed to a key.
    private static final class Level {
        private long amount;
        private boolean isLevel;
    }

    /// Applies what a process says.
    void apply(Role from, Stats stats) {
        stats.updates().forEach(update -> apply(from, update));
    }

    private void apply(Role from, StatUpdate update) {
        String key = clean(update.key());
        switch (update.kind()) {
            case INCREMENT -> add(from, key, update.value(), false);
            case DECREMENT -> add(from, key, -update.value(), true);
            case SET -> set(from, key, update.value());
            case OBSERVE -> {
                total(key + ".count", 1);
                total(key + ".sum", update.value());
            }
            case RATIO -> {
                total(key + ".part", update.value());
                total(key + ".whole", update.whole());
            }
        }
    }

    private void add(Role from, String key, long amount, boolean down) {
        if (total(key, amount)) {
            Level level = level(from, key);
            level.amount += amount;
            level.isLevel |= down;
        }
    }

    private void set(Role from, String key, long value) {
        if (!values.containsKey(key) && values.size() >= KEYS_MAX) {
            total(key, 1);
            return;
        }
        Level level = level(from, key);
        values.merge(key, value - level.amount, Long::sum);
        level.amount = value;
        level.isLevel = true;
    }

    private Level level(Role from, String key) {
        return levels.computeIfAbsent(from, _ -> new TreeMap<>())
                .computeIfAbsent(key, _ -> new Level());
    }

    /// Adds to a key; false if it has no place and was counted elsewhere.
    private boolean total(String key, long amount) {
        boolean room = values.containsKey(key) || values.size() < KEYS_MAX;
        if (room) {
            values.merge(key, amount, Long::sum);
        } else {
            values.merge(OTHER, 1L, Long::sum);
        }
        return room;
    }

    /// A process died: its levels are no more.
    void lost(Role role) {
        Map<String, Level> gone = levels.remove(role);
        if (gone != null) {
            gone.forEach((key, level) -> {
                if (level.isLevel) {
                    values.merge(key, -level.amount, Long::sum);
                }
            });
        }
    }

    /// The lines `key=value`, sorted; a level is never shown below 0, which it can be for a moment
    /// when this process has been restarted.
    List<String> lines() {
        List<String> lines = new ArrayList<>(values.size());
        values.forEach((key, value) -> lines.add(key + "=" + Math.max(0, value)));
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
