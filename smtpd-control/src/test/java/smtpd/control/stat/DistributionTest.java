package smtpd.control.stat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class DistributionTest {
    private final Distribution distribution = new Distribution();

    @Test
    void percentilesAreRightToOnePartIn16() {
        for (int i = 1; i <= 100_000; i++) {
            distribution.add(i);
        }
        for (double share : new double[] {0.01, 0.5, 0.9, 0.99, 1}) {
            double exact = share * 100_000;
            double told = distribution.percentile(share);
            assertTrue(told >= exact && told <= exact * 17 / 16, share + ": " + told);
        }
        assertEquals(100_000, distribution.most());
    }

    @Test
    void everyDurationHasARange() {
        for (long micros = 1; micros <= Distribution.MAX; micros = micros * 3 / 2 + 1) {
            Distribution one = new Distribution();
            one.add(micros);
            assertEquals(micros, one.percentile(0.5));
        }
        distribution.add(Long.MAX_VALUE);
        distribution.add(-5);
        assertEquals(Distribution.MAX, distribution.percentile(1));
        assertEquals(0, distribution.percentile(0.5));
    }

    @Test
    void theStoredFormIsTheSame() {
        for (long i = 1; i < 1_000_000_000L; i *= 7) {
            distribution.add(i);
        }
        Distribution read = Distribution.decode(distribution.encode());
        assertEquals(distribution, read);
        assertEquals(distribution.count(), read.count());
        assertThrows(
                IllegalArgumentException.class,
                () -> Distribution.decode(new byte[] {(byte) 0x80}));
    }

    @Test
    void nothingObservedIsZero() {
        assertEquals(0, distribution.percentile(0.99));
    }
}
