package smtpd.core.mail;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import java.time.Duration;

final class DelayTest {
    @Test
    void largestUnitComesFirstAndEmptyUnitsAreLeftOut() {
        assertEquals("1d2h3m4s", Delay.text(Duration.parse("P1DT2H3M4.9S")));
        assertEquals("19m54s", Delay.text(Duration.ofSeconds(1194)));
        assertEquals("4d", Delay.text(Duration.ofDays(4)));
    }

    @Test
    void lessThanASecondAndLessThanNothingAreZero() {
        assertEquals("0s", Delay.text(Duration.ofMillis(999)));
        assertEquals("0s", Delay.text(Duration.ofSeconds(-5)));
    }
}
