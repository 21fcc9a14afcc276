package smtpd.control.web.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;

class StampTest {
    private static final Instant NOW = Instant.parse("2027-01-15T08:00:14Z");
    private static final Duration LIMIT = Duration.ofSeconds(8);

    private static Heard<String> said(int age, String trouble) {
        return new Heard.Said<>("x", NOW.minusSeconds(age), LIMIT, trouble);
    }

    private static String text(Heard<String> heard) {
        return Stamp.text(heard, NOW, ZoneOffset.UTC);
    }

    @Test
    void whatIsFreshHasItsTimeOnly() {
        assertFalse(Stamp.isStale(said(8, ""), NOW));
        assertEquals("as of 08:00:06", text(said(8, "")));
    }

    @Test
    void whatIsTooOldSaysHowOld() {
        assertTrue(Stamp.isStale(said(9, ""), NOW));
        assertEquals("as of 08:00:05, 9 s old", text(said(9, "")));
    }

    @Test
    void whoDoesNotAnswerIsNamedHoweverNewTheLastAnswerIs() {
        assertTrue(Stamp.isStale(said(1, "queue does not answer"), NOW));
        assertEquals(
                "as of 08:00:13, 1 s old: queue does not answer",
                text(said(1, "queue does not answer")));
    }

    @Test
    void nothingIsSaidAsSuch() {
        Heard<String> nothing = new Heard.Nothing<>("mta is not running");
        assertTrue(Stamp.isStale(nothing, NOW));
        assertEquals("nothing was read yet: mta is not running", text(nothing));
    }

    @Test
    void whatIsPartlyOlderIsAsOldAsItsOldestPart() {
        assertEquals(
                "as of 08:00:03, 11 s old: queue does not answer",
                text(said(1, "").stuck(NOW.minusSeconds(11), "queue does not answer")));
        assertEquals(
                "as of 08:00:13, 1 s old: a", text(said(1, "a").stuck(NOW.minusSeconds(1), "b")));
        assertEquals("as of 08:00:13", text(said(1, "").stuck(NOW.minusSeconds(11), "")));
        assertEquals("b", new Heard.Nothing<>("").stuck(NOW, "b").trouble());
    }
}
