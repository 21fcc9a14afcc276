package smtpd.control.stat;

import org.jspecify.annotations.Nullable;

import smtpd.core.stat.Statistics;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/// Makes the history of readings and tells it. The same for every store.
///
/// A coarse step is written ten times while it is under way. What a process that was killed had not
/// written of it, its successor finds in the fine ones.
public final class Recorder implements History {
    /// How often in its course a coarse step is written.
    private static final int WRITES_IN_A_STEP = 10;

    private final SampleStore store;
    private final Map<Tier, Sample> open = new HashMap<>();
    private final Map<Tier, Long> written = new HashMap<>();
    private Map<String, Long> before = new HashMap<>();

    Recorder(SampleStore store) {
        this.store = store;
    }

    /// Begins with totals that were kept: what they hold already is not counted once more.
    synchronized void resume(Map<String, Metric> totals) {
        before = totals(totals);
    }

    /// Keeps what happened since the last reading.
    synchronized void take(Reading reading) throws IOException {
        Map<String, Long> now = totals(reading.metrics());
        NavigableMap<String, Long> gains = new TreeMap<>();
        now.forEach((key, value) -> {
            long gain = value - before.getOrDefault(key, 0L);
            if (gain > 0) {
                gains.put(key, gain);
            }
        });
        NavigableMap<String, Long> levels = new TreeMap<>();
        reading.metrics()
                .forEach((key, metric) -> {
                    if (metric instanceof Metric.Level level && level.shown() != 0) {
                        levels.put(key, level.shown());
                    }
                });
        List<SampleStore.Kept> due = samples(reading.at(), bounded(gains), bounded(levels));
        before = now;
        store.put(due, reading);
    }

    /// The steps that are to be written now.
    private List<SampleStore.Kept> samples(
            Instant at, NavigableMap<String, Long> gains, NavigableMap<String, Long> levels)
            throws IOException {
        List<SampleStore.Kept> due = new ArrayList<>();
        long second = at.getEpochSecond();
        for (Tier tier : store.tiers()) {
            long step = tier.step(second);
            Sample last = open.get(tier);
            if (last == null) {
                Sample previous = resumed(tier, step - 1);
                if (!previous.isEmpty()) {
                    due.add(new SampleStore.Kept(tier, previous));
                }
                last = resumed(tier, step);
            } else if (last.step() != step) {
                due.add(new SampleStore.Kept(tier, last));
                last = Sample.empty(step);
            }
            Sample current = last.plus(gains, levels);
            open.put(tier, current);
            long slice = second / Math.max(1, tier.seconds() / WRITES_IN_A_STEP);
            Long sliceBefore = written.put(tier, slice);
            if (sliceBefore == null || sliceBefore != slice) {
                due.add(new SampleStore.Kept(tier, current));
            }
        }
        return due;
    }

    /// A step that an earlier process may have begun. What it did not come to write of a coarse
    /// step is in the fine ones.
    private Sample resumed(Tier tier, long step) throws IOException {
        Sample[] kept = {Sample.empty(step)};
        store.range(tier, step, step, it -> kept[0] = it);
        Sample sample = kept[0];
        Tier finest = store.tiers().getFirst();
        if (tier.equals(finest)) {
            return sample;
        }
        long first = finest.step(step * tier.seconds());
        long last = finest.step((step + 1) * tier.seconds() - 1);
        Sample[] sum = {Sample.empty(step)};
        store.range(finest, first, last, fine -> sum[0] = sum[0].plus(fine.gains(), fine.levels()));
        return sample.orMore(sum[0]);
    }

    private static Map<String, Long> totals(Map<String, Metric> metrics) {
        Map<String, Long> totals = new HashMap<>();
        metrics.forEach((key, metric) -> metric.totals(key, totals::put));
        return totals;
    }

    /// Our own keys first, then names of the world.
    private static NavigableMap<String, Long> bounded(NavigableMap<String, Long> all) {
        int max = Sample.NUMBERS_MAX;
        if (all.size() <= max) {
            return all;
        }
        NavigableMap<String, Long> some = new TreeMap<>();
        all.forEach((key, value) -> {
            if (key.indexOf(Statistics.NAME_MARK) < 0 && some.size() < max) {
                some.put(key, value);
            }
        });
        all.forEach((key, value) -> {
            if (some.size() < max) {
                some.put(key, value);
            }
        });
        return some;
    }

    @Override
    public synchronized List<Series> series(
            List<String> keys, Instant now, Duration length, int columns) throws IOException {
        Tier tier = tier(length);
        long steps = Math.max(1, Math.ceilDiv(length.toSeconds(), tier.seconds()));
        long each = Math.ceilDiv(steps, columns);
        int count = (int) Math.ceilDiv(steps, each);
        long last = tier.step(now.getEpochSecond());
        long first = last - count * each + 1;
        List<Columns> all = keys.stream().map(key -> new Columns(key, count)).toList();
        range(
                tier,
                first,
                last,
                sample -> {
                    int column = (int) ((sample.step() - first) / each);
                    all.forEach(it -> it.add(column, sample));
                });
        return all.stream()
                .map(it ->
                        new Series(
                                it.isLevel,
                                first * tier.seconds(),
                                each * tier.seconds(),
                                Arrays.asList(it.values)))
                .toList();
    }

    /// A series under way.
    private static final class Columns {
        private final String key;
        private final @Nullable Long[] values;
        private boolean isLevel;

        Columns(String key, int count) {
            this.key = key;
            values = new @Nullable Long[count];
        }

        void add(int column, Sample sample) {
            Long level = sample.levels().get(key);
            isLevel |= level != null;
            Long old = values[column];
            long gain = sample.gains().getOrDefault(key, 0L);
            values[column] =
                    level != null
                            ? Math.max(level, old == null ? 0 : old)
                            : (old == null ? 0 : old) + gain;
        }
    }

    @Override
    public synchronized NavigableMap<String, Long> gains(Instant now, Duration length)
            throws IOException {
        Tier tier = tier(length);
        long last = tier.step(now.getEpochSecond());
        long steps = Math.max(1, Math.ceilDiv(length.toSeconds(), tier.seconds()));
        NavigableMap<String, Long> sum = new TreeMap<>();
        range(
                tier,
                last - steps + 1,
                last,
                sample -> sample.gains().forEach((key, value) -> sum.merge(key, value, Long::sum)));
        return sum;
    }

    /// What is kept, and the step under way as it stands, which may not be written yet.
    private void range(Tier tier, long first, long last, Consumer<Sample> each) throws IOException {
        Sample current = open.get(tier);
        if (current == null || current.step() < first || current.step() > last) {
            store.range(tier, first, last, each);
            return;
        }
        long begun = current.step();
        store.range(
                tier,
                first,
                last,
                sample -> {
                    if (sample.step() != begun) {
                        each.accept(sample);
                    }
                });
        each.accept(current);
    }

    /// The finest that reaches back so far.
    private Tier tier(Duration length) {
        for (Tier tier : store.tiers()) {
            if (tier.span() >= length.toSeconds()) {
                return tier;
            }
        }
        return store.tiers().getLast();
    }

    @Override
    public Duration reach() {
        return Duration.ofSeconds(store.tiers().getLast().span());
    }
}
