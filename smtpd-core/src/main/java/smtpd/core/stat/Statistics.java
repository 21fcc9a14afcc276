package smtpd.core.stat;

import java.time.Instant;
import java.util.Locale;

/// Where a process reports what it counts. Keys are dotted lower-case words as `smtpctl show stats`
/// prints them. Thread-safe; never blocks.
///
/// A key for one name of the world (a domain, a relay, a listener's tag) is made by [#named]:
/// control keeps a bounded number of names of each family and counts the rest as `other`.
public interface Statistics {
    /// Between the family and the name in a key made by [#named].
    char NAME_MARK = ':';

    /// The name that stands for all that have no place of their own.
    String OTHER = "other";

    /// Longest name; a domain has at most 253 octets, and none that long is worth a place.
    int NAME_MAX = 128;

    /// The key of one name in a family, such as `delivery.ok.domain:example.org`. The family ends
    /// with what the name is.
    ///
    /// @param name in any spelling; none, or one that is too long, counts as `other`
    static String named(String family, String name) {
        boolean fits = !name.isEmpty() && name.length() <= NAME_MAX;
        return family + NAME_MARK + (fits ? name.toLowerCase(Locale.ROOT) : OTHER);
    }

    /// Adds 1.
    default void increment(String key) {
        add(key, 1);
    }

    /// Adds 1 for a name.
    default void increment(String family, String name) {
        add(named(family, name), 1);
    }

    /// Subtracts 1.
    default void decrement(String key) {
        add(key, -1);
    }

    /// Adds `amount`, which may be negative.
    void add(String key, long amount);

    /// Replaces the value.
    void set(String key, long value);

    /// Adds an observation to a distribution, in microseconds.
    void observe(String key, long micros);

    /// Adds to a ratio: `part` of `whole`.
    void ratio(String key, long part, long whole);

    /// Says when something happened last; the latest of all counts.
    void stamp(String key, Instant when);

    /// Forgets everything: for tests and tools that have no control process.
    Statistics NONE =
            new Statistics() {
                @Override
                public void add(String key, long amount) {}

                @Override
                public void set(String key, long value) {}

                @Override
                public void observe(String key, long micros) {}

                @Override
                public void ratio(String key, long part, long whole) {}

                @Override
                public void stamp(String key, Instant when) {}
            };
}
