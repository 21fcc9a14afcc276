package smtpd.lka.dns;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// Answers of DNS for as long as they may be kept. Time comes in by parameter; not thread-safe.
final class DnsCache {
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

    private record Kept(DnsReply reply, Instant until) {}

    private final Map<Key, Kept> kept =
            new LinkedHashMap<>(256, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Key, Kept> eldest) {
                    return size() > SIZE_MAX;
                }
            };

    /// The answer kept, or null.
    @Nullable DnsReply find(Key key, Instant now) {
        Kept entry = kept.get(key);
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
    void put(Key key, DnsReply reply, Duration ttl, Instant now) {
        Duration longest =
                switch (reply) {
                    case DnsReply.Records _ -> TTL_MAX;
                    case DnsReply.NoRecords _, DnsReply.NoName _ -> NEGATIVE_MAX;
                    case DnsReply.NotAName _, DnsReply.Tempfail _ -> Duration.ZERO;
                };
        Duration time = ttl.compareTo(TTL_MIN) < 0 ? TTL_MIN : ttl;
        time = time.compareTo(longest) > 0 ? longest : time;
        if (time.isPositive()) {
            kept.put(key, new Kept(reply, now.plus(time)));
        }
    }

    int size() {
        return kept.size();
    }
}
