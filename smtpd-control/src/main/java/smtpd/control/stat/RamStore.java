package smtpd.control.stat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/// Keeps samples in memory; they end with the process.
final class RamStore implements SampleStore {
    private final Map<Tier, TreeMap<Long, byte[]>> kept = new HashMap<>();
    private final Names names = new Names();

    @Override
    public List<Tier> tiers() {
        return Tier.PASSING;
    }

    @Override
    public void put(List<Kept> samples, Reading reading) {
        for (Kept it : samples) {
            TreeMap<Long, byte[]> steps = kept.computeIfAbsent(it.tier(), _ -> new TreeMap<>());
            steps.put(it.sample().step(), names.encode(it.sample()));
            steps.headMap(steps.lastKey() - it.tier().steps(), true).clear();
        }
        names.settled();
    }

    @Override
    public void range(Tier tier, long first, long last, Consumer<Sample> each) {
        kept.getOrDefault(tier, new TreeMap<>())
                .subMap(first, true, Math.max(first, last), true)
                .forEach((step, body) -> each.accept(names.decode(step, body)));
    }
}
