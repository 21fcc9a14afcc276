package smtpd.core.stat;

import smtpd.core.imsg.StatKind;
import smtpd.core.imsg.StatUpdate;
import smtpd.core.imsg.Stats;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Gathers changes and hands them out in one message; whoever owns it sends that message every so
/// often.
///
/// Additions to one key merge, so that the size is bounded by the number of keys; names beyond
/// [#NAMES_MAX] between two pushes are told as `other`, and observations and ratios beyond
/// [#PENDING_MAX] are dropped and counted in `stat.dropped`.
public final class PushedStatistics implements Statistics {
    /// Unmerged updates kept between two pushes.
    static final int PENDING_MAX = 10_000;

    /// Names told apart between two pushes: more than control keeps of any family.
    static final int NAMES_MAX = 1_000;

    /// Keys whose sum is known since the start: ours are fewer than half of that, and names of the
    /// world are no levels.
    static final int SUMS_MAX = 1_000;

    private final Map<String, Long> added = new LinkedHashMap<>();
    private final Map<String, Long> replaced = new LinkedHashMap<>();
    private final Map<String, Long> stamped = new LinkedHashMap<>();
    private final List<StatUpdate> unmerged = new ArrayList<>();
    private final Map<String, Sum> sums = new LinkedHashMap<>();
    private int names;

    /// What a key has come to since the start.
    private static final class Sum {
        private long value;
        private boolean isLevel;
    }

    @Override
    public synchronized void add(String key, long amount) {
        boolean isName = key.indexOf(NAME_MARK) >= 0;
        if (isName) {
            added.merge(bounded(key), amount, Long::sum);
            return;
        }
        added.merge(key, amount, Long::sum);
        Sum sum = sum(key);
        sum.value += amount;
        sum.isLevel |= amount < 0;
    }

    private String bounded(String key) {
        if (added.containsKey(key)) {
            return key;
        }
        if (names >= NAMES_MAX) {
            return key.substring(0, key.indexOf(NAME_MARK) + 1) + OTHER;
        }
        names++;
        return key;
    }

    private Sum sum(String key) {
        Sum known = sums.get(key);
        if (known == null) {
            known = new Sum();
            if (sums.size() < SUMS_MAX) {
                sums.put(key, known);
            }
        }
        return known;
    }

    @Override
    public synchronized void set(String key, long value) {
        added.remove(key);
        replaced.put(key, value);
        Sum sum = sum(key);
        sum.value = value;
        sum.isLevel = true;
    }

    @Override
    public void observe(String key, long micros) {
        append(new StatUpdate(key, StatKind.OBSERVE, micros, 0));
    }

    @Override
    public void ratio(String key, long part, long whole) {
        append(new StatUpdate(key, StatKind.RATIO, part, whole));
    }

    @Override
    public synchronized void stamp(String key, Instant when) {
        stamped.merge(key, when.getEpochSecond(), Math::max);
    }

    private synchronized void append(StatUpdate update) {
        if (unmerged.size() < PENDING_MAX) {
            unmerged.add(update);
        } else {
            added.merge("stat.dropped", 1L, Long::sum);
        }
    }

    /// What changed since the last call; empty updates if nothing did.
    public synchronized Stats drain() {
        List<StatUpdate> updates = new ArrayList<>();
        replaced.forEach((key, value) -> updates.add(new StatUpdate(key, StatKind.SET, value, 0)));
        added.forEach((key, amount) -> updates.add(change(key, amount)));
        stamped.forEach(
                (key, second) -> updates.add(new StatUpdate(key, StatKind.STAMP, second, 0)));
        updates.addAll(unmerged);
        replaced.clear();
        added.clear();
        stamped.clear();
        unmerged.clear();
        names = 0;
        return new Stats(List.copyOf(updates));
    }

    /// As [#drain], and what every level stands at besides, for a control process that was started
    /// anew and does not know.
    public synchronized Stats drainWithLevels() {
        sums.forEach((key, sum) -> {
            if (sum.isLevel) {
                added.remove(key);
                replaced.put(key, sum.value);
            }
        });
        return drain();
    }

    private static StatUpdate change(String key, long amount) {
        return amount >= 0
                ? new StatUpdate(key, StatKind.INCREMENT, amount, 0)
                : new StatUpdate(key, StatKind.DECREMENT, -amount, 0);
    }
}
