package smtpd.parent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import java.time.Duration;

class BackoffTest {
    private static final Duration AT_ONCE = Duration.ofMillis(300);

    @Test
    @DisplayName("F-72 F-74: what keeps dying is started later each time, and is started always")
    void whatKeepsDyingIsStartedLaterEachTime() {
        Duration wait = Backoff.next(Duration.ZERO, AT_ONCE);
        assertEquals(Backoff.FIRST, wait);
        for (int death = 2; death <= 10; death++) {
            Duration next = Backoff.next(wait, AT_ONCE);
            assertTrue(next.compareTo(wait) > 0, "death " + death);
            wait = next;
        }
        for (int death = 11; death < 1000; death++) {
            wait = Backoff.next(wait, AT_ONCE);
        }
        assertEquals(Backoff.MAX, wait);
    }

    @Test
    @DisplayName("F-74: what has lived for a while is started at once again")
    void whatHasSettledIsStartedAtOnce() {
        assertEquals(Backoff.FIRST, Backoff.next(Backoff.MAX, Backoff.SETTLED));
        Duration justBefore = Backoff.SETTLED.minusMillis(1);
        assertEquals(Backoff.MAX, Backoff.next(Backoff.MAX, justBefore));
    }
}
