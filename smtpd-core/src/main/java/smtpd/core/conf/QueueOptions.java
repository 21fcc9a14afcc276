package smtpd.core.conf;

import java.time.Duration;
import java.util.List;

/// How messages are stored and how long they are tried (`queue …`, `bounce warn-interval`).
///
/// @param ttl how long an envelope is tried before it bounces, unless its action says otherwise
/// @param compression how the content of messages is stored
/// @param keys the keys messages are sealed with and those older ones may need; with none, messages
///   are stored in the clear
/// @param backend the name of the store; empty for the default store
/// @param witness a file outside of the spool that says how far the sealed queue came; empty for
///   none
/// @param warnIntervals ages at which the sender is told of a delay, at most {@value
///   #WARN_INTERVALS_MAX}
/// @param bounceLimit reports in an hour to one address about mail whose sender did not
///   authenticate; 0 for no limit, [#NO_REPORTS] for none at all
public record QueueOptions(
        Duration ttl,
        Compression compression,
        List<QueueKey> keys,
        String backend,
        String witness,
        List<Duration> warnIntervals,
        int bounceLimit) {
    /// Nobody is told about mail whose sender did not authenticate (`bounce suppress`).
    public static final int NO_REPORTS = -1;

    /// How many delay warnings one envelope can have (OpenSMTPD: a fixed array of four).
    public static final int WARN_INTERVALS_MAX = 4;

    /// The names of the stores; the first is the default.
    public static final List<String> BACKENDS = List.of("segment", "fs", "sqlite", "ram", "null");

    /// What holds when nothing is configured: four days, one warning after four hours, a hundred
    /// reports an hour, which is more than a mailing list makes.
    public static final QueueOptions DEFAULT =
            new QueueOptions(
                    Duration.ofDays(4),
                    Compression.NONE,
                    List.of(),
                    "",
                    "",
                    List.of(Duration.ofHours(4)),
                    100);

    public QueueOptions {
        keys = List.copyOf(keys);
        warnIntervals = List.copyOf(warnIntervals);
    }

    /// Whether the store outlives the process.
    public boolean isLasting() {
        return !backend.equals("ram") && !backend.equals("null");
    }

    /// The same in another store.
    public QueueOptions withBackend(String name) {
        return new QueueOptions(ttl, compression, keys, name, witness, warnIntervals, bounceLimit);
    }

    /// The same, but where the keys come from.
    public QueueOptions withoutKeys() {
        return new QueueOptions(
                ttl, compression, List.of(), backend, witness, warnIntervals, bounceLimit);
    }

    /// The same without a witness.
    public QueueOptions withoutWitness() {
        return new QueueOptions(ttl, compression, keys, backend, "", warnIntervals, bounceLimit);
    }
}
