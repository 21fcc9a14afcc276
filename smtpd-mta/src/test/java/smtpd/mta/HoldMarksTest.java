package smtpd.mta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import smtpd.core.conf.Limits;

import java.time.Duration;
import java.time.Instant;

final class HoldMarksTest {
    private final HoldMarks marks = new HoldMarks(Limits.Tasks.DEFAULT);
    private Instant now = Samples.NOW;

    @Test
    void aSlowRelayKeepsToTheConfiguredMarks() {
        assertFalse(marks.hold(49));
        assertTrue(marks.hold(50));
        assertEquals(new HoldMarks.Ask.Nothing(), marks.next(31, now));
        assertEquals(new HoldMarks.Ask.Some(20), marks.next(30, now));
    }

    @Test
    void aFastRelayIsKeptSuppliedUpToABound() {
        for (int i = 0; i < 10_000; i++) {
            now = now.plus(Duration.ofNanos(100_000));
            marks.done(now);
        }
        assertEquals(HoldMarks.TASKS_MAX, marks.high());
    }

    @Test
    void aReleaseThatBringsNothingEndsTheHolding() {
        assertTrue(marks.hold(50));
        assertEquals(new HoldMarks.Ask.Some(50), marks.next(0, now));
        assertEquals(new HoldMarks.Ask.Nothing(), marks.next(0, now));
        now = now.plusSeconds(2);
        assertEquals(new HoldMarks.Ask.Some(0), marks.next(0, now));
        assertFalse(marks.parked());
    }
}
