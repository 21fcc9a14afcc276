package smtpd.core.stat;

import smtpd.core.imsg.StatKind;
import smtpd.core.imsg.StatUpdate;
import smtpd.core.imsg.Stats;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Gathers changes and hands them out in one message; whoever owns it sends that message every so
/// often.
///
/// Additions to one key merge, so that the size is bounded by the number of keys; observations and
/// ratios beyond [#PENDING_MAX] are dropped and counted in `stat.dropped`.
public final class PushedStatistics implements Statistics {
    /// Unmerged updates kept between two pushes.
    static final int PENDING_MAX = 10_000;

    private final Map<String, Long> added = new LinkedHashMap<>();
    private final Map<String, Long> replaced = new LinkedHashMap<>();
    private final List<StatUpdate> unmerged = new ArrayList<>();

    @Override
    public synchronized void add(String key, long amount) {
        added.merge(key, amount, Long::sum);
    }

    @Override
    public synchronized void set(String key, long value) {
        added.remove(key);
        replaced.put(key, value);
    }

    @Override
    public void observe(String key, long micros) {
        append(new StatUpdate(key, StatKind.OBSERVE, micros, 0));
    }

    @Override
    public void ratio(String key, long part, long whole) {
        append(new StatUpdate(key, StatKind.RATIO, part, whole));
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
        updates.addAll(unmerged);
        replaced.clear();
        added.clear();
        unmerged.clear();
        return new Stats(List.copyOf(updates));
    }

    private static StatUpdate change(String key, long amount) {
        return amount >= 0
                ? new StatUpdate(key, StatKind.INCREMENT, amount, 0)
                : new StatUpdate(key, StatKind.DECREMENT, -amount, 0);
    }
}
