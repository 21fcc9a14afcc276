package smtpd.lka.dns;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/// Answers of DNS for as long as they may be kept. Time comes in by parameter; not thread-safe.
///
/// @param <R> an answer, with what is known about it
final class DnsCache<R> {
    /// How many answers: a few hundred bytes each, so a few megabytes at most.
    static final int SIZE_MAX = 8192;

    /// Shortest time an answer is kept: one message to many recipients asks once, whatever a zone
    /// says.
    static final Duration TTL_MIN = Duration.ofSeconds(5);

    /// Longest time an answer is kept: a wrong one is not kept for days.
    static final Duration TTL_MAX = Duration.ofHours(1);

    /// Longest time a "no" is kept (RFC 2308 §5 allows up to three hours): a name that has just
    /// been made must work soon.
    static final Duration NEGATIVE_MAX = Duration.ofMinutes(5);

    /// A question.
    record Key(String name, RecordType type) {}

    private record Kept<R>(R reply, Instant until) {}

    private final Function<R, DnsReply> toReply;

    private final Map<Key, Kept<R>> kept =
            new LinkedHashMap<>(256, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Key, Kept<R>> eldest) {
                    return size() > SIZE_MAX;
                }
            };

    /// @param toReply what DNS says in an answer
    DnsCache(Function<R, DnsReply> toReply) {
        this.toReply = toReply;
    }

    /// The answer kept, or null.
    @Nullable R find(Key key, Instant now) {
        Kept<R> entry = kept.get(key);
        if (entry == null) {
            return null;
        }
        if (!now.isBefore(entry.until())) {
            kept.remove(key);
            return null;
        }
        return entry.reply();
    }

    /// Keeps an answer for `ttl` within the bounds; "not now" is never kept.
    void put(Key key, R reply, Duration ttl, Instant now) {
        Duration longest =
                switch (toReply.apply(reply)) {
                    case DnsReply.Records _ -> TTL_MAX;
                    case DnsReply.NoRecords _, DnsReply.NoName _ -> NEGATIVE_MAX;
                    case DnsReply.NotAName _, DnsReply.Tempfail _ -> Duration.ZERO;
                };
        Duration time = ttl.compareTo(TTL_MIN) < 0 ? TTL_MIN : ttl;
        time = time.compareTo(longest) > 0 ? longest : time;
        if (time.isPositive()) {
            kept.put(key, new Kept<>(reply, now.plus(time)));
        }
    }

    int size() {
        return kept.size();
    }
}
