package smtpd.lka;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import java.time.Instant;

class ComplaintsTest {
    private Instant now = Instant.EPOCH;
    private final Complaints complaints = new Complaints(() -> now);

    @Test
    @DisplayName("F-54 the same trouble is logged once in an interval")
    void onceInAnInterval() {
        assertTrue(complaints.about("dns"));
        assertFalse(complaints.about("dns"));
        assertTrue(complaints.about("table"));
        now = now.plus(Complaints.INTERVAL);
        assertTrue(complaints.about("dns"));
    }

    @Test
    @DisplayName("F-72: an error of ours is logged with where it came from, once in an interval")
    void errorsOfOursToo() {
        assertTrue(complaints.about("lka: <a@b> cannot be expanded", new IllegalStateException()));
        assertFalse(complaints.about("lka: <a@b> cannot be expanded", new IllegalStateException()));
        assertTrue(complaints.about("lka: <c@d> cannot be expanded", new IllegalStateException()));
    }

    @Test
    void whatIsRememberedIsBounded() {
        for (int i = 0; i <= Complaints.REMEMBERED_MAX; i++) {
            assertTrue(complaints.about("t" + i));
        }
        assertTrue(complaints.about("t0"));
        assertFalse(complaints.about("t" + Complaints.REMEMBERED_MAX));
    }
}
