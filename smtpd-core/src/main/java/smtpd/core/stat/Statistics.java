package smtpd.core.stat;

/// Where a process reports what it counts. Keys are dotted lower-case words as `smtpctl show stats`
/// prints them. Thread-safe; never blocks.
public interface Statistics {
    /// Adds 1.
    default void increment(String key) {
        add(key, 1);
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
            };
}
