package smtpd.mta;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import java.time.Duration;

final class PenaltyTest {
    @Test
    void quadraticUpToAnHour() {
        assertEquals(Duration.ZERO, Penalty.of(0));
        assertEquals(Duration.ofSeconds(15), Penalty.of(1));
        assertEquals(Duration.ofSeconds(60), Penalty.of(2));
        assertEquals(Duration.ofSeconds(3375), Penalty.of(15));
        assertEquals(Duration.ofHours(1), Penalty.of(Penalty.MAX));
    }
}
