package smtpd.control.stat;

import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.ObjLongConsumer;

/// What a key of the statistics stands at.
public sealed interface Metric {
    /// A number that only grows.
    record Counter(long value) implements Metric {}

    /// A number that goes up and down.
    record Level(long value) implements Metric {
        /// A level is never shown below 0, which it can be for a moment when this process has been
        /// started anew.
        public long shown() {
            return Math.max(0, value);
        }
    }

    /// When something happened last.
    ///
    /// @param second seconds since 1970
    record Stamp(long second) implements Metric {}

    /// So much of so much.
    record Ratio(long part, long whole) implements Metric {}

    /// How long something took.
    record Durations(Distribution distribution) implements Metric {}

    /// The numbers in it that only grow, each with its key.
    default void totals(String key, ObjLongConsumer<String> to) {
        switch (this) {
            case Counter(long value) -> to.accept(key, value);
            case Ratio(long part, long whole) -> {
                to.accept(key + ".part", part);
                to.accept(key + ".whole", whole);
            }
            case Durations(Distribution it) -> {
                to.accept(key + ".count", it.count());
                to.accept(key + ".sum", it.sum());
            }
            case Level _, Stamp _ -> {}
        }
    }

    /// The numbers shown for it, each with its key.
    default NavigableMap<String, Long> shown(String key) {
        NavigableMap<String, Long> shown = new TreeMap<>();
        totals(key, shown::put);
        switch (this) {
            case Level level -> shown.put(key, level.shown());
            case Stamp(long second) -> shown.put(key, second);
            case Durations(Distribution it) -> {
                shown.put(key + ".p50", it.percentile(0.5));
                shown.put(key + ".p90", it.percentile(0.9));
                shown.put(key + ".p99", it.percentile(0.99));
                shown.put(key + ".max", it.most());
            }
            case Counter _, Ratio _ -> {}
        }
        return shown;
    }
}
