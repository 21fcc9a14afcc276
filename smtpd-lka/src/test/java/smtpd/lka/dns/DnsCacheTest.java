package smtpd.lka.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

class DnsCacheTest {
    private static final DnsReply YES =
            new DnsReply.Records(List.of(new DnsRecord.Address("192.0.2.1")));
    private static final DnsReply NO = new DnsReply.NoName();
    private static final Instant T0 = Instant.EPOCH;

    private final DnsCache<DnsReply> cache = new DnsCache<>(java.util.function.Function.identity());
    private final DnsCache.Key key = new DnsCache.Key("a.example", RecordType.A);

    @Test
    void keptForItsTimeToLive() {
        cache.put(key, YES, Duration.ofMinutes(5), T0);
        assertEquals(YES, cache.find(key, T0.plusSeconds(299)));
        assertNull(cache.find(key, T0.plusSeconds(300)));
        assertEquals(0, cache.size());
    }

    @Test
    void timeToLiveIsBounded() {
        cache.put(key, YES, Duration.ZERO, T0);
        assertEquals(YES, cache.find(key, T0.plus(DnsCache.TTL_MIN).minusMillis(1)));
        cache.put(key, YES, Duration.ofDays(30), T0);
        assertNull(cache.find(key, T0.plus(DnsCache.TTL_MAX)));
    }

    @Test
    @DisplayName("F-78 negative answers are kept for a short while only")
    void negativeAnswersAreBounded() {
        cache.put(key, NO, Duration.ofDays(1), T0);
        assertEquals(NO, cache.find(key, T0.plus(DnsCache.NEGATIVE_MAX).minusMillis(1)));
        assertNull(cache.find(key, T0.plus(DnsCache.NEGATIVE_MAX)));
    }

    @Test
    void notNowIsNeverKept() {
        cache.put(key, new DnsReply.Tempfail("x"), Duration.ofDays(1), T0);
        assertNull(cache.find(key, T0));
    }

    @Test
    void sizeIsBounded() {
        for (int i = 0; i <= DnsCache.SIZE_MAX; i++) {
            cache.put(new DnsCache.Key("h" + i, RecordType.A), YES, Duration.ofMinutes(1), T0);
        }
        assertEquals(DnsCache.SIZE_MAX, cache.size());
        assertNull(cache.find(new DnsCache.Key("h0", RecordType.A), T0));
    }
}
