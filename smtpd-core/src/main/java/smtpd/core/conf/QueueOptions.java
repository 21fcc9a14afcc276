package smtpd.core.conf;

import java.time.Duration;
import java.util.List;

/// How messages are stored and how long they are tried (`queue …`, `bounce warn-interval`).
///
/// @param ttl how long an envelope is tried before it bounces, unless its action says otherwise
/// @param compression whether messages are stored compressed
/// @param encryption whether and with which key messages are stored encrypted
/// @param backend the name of the store; empty for the default store
/// @param warnIntervals ages at which the sender is told of a delay, at most {@value
///   #WARN_INTERVALS_MAX}
/// @param bounceLimit reports in an hour to one address about mail whose sender did not
///   authenticate; 0 for no limit
public record QueueOptions(
        Duration ttl,
        boolean compression,
        Encryption encryption,
        String backend,
        List<Duration> warnIntervals,
        int bounceLimit) {
    /// How many delay warnings one envelope can have (OpenSMTPD: a fixed array of four).
    public static final int WARN_INTERVALS_MAX = 4;

    /// Length of a queue key in characters (OpenSMTPD: AES-256, the key taken as written).
    public static final int KEY_LENGTH = 32;

    /// What holds when nothing is configured: four days, one warning after four hours, a hundred
    /// reports an hour, which is more than a mailing list makes.
    public static final QueueOptions DEFAULT =
            new QueueOptions(
                    Duration.ofDays(4),
                    false,
                    Encryption.NONE,
                    "",
                    List.of(Duration.ofHours(4)),
                    100);

    public QueueOptions {
        warnIntervals = List.copyOf(warnIntervals);
    }

    /// Where the queue key comes from.
    ///
    /// @param source the kind of origin
    /// @param key the key itself when it is written in the configuration, else empty
    public record Encryption(Source source, String key) {
        /// Stored in the clear.
        public static final Encryption NONE = new Encryption(Source.NONE, "");

        /// Origins of the queue key.
        public enum Source {
            /// No encryption.
            NONE,
            /// Asked on the terminal at start.
            PROMPT,
            /// The first line of standard input at start.
            STDIN,
            /// Written in the configuration.
            KEY
        }
    }
}
