package smtpd.scheduler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import smtpd.core.conf.Limits;
import smtpd.core.mail.DeliveryType;

import java.util.Random;

class BackoffTest {
    private static long[] offsets(long base, int count) {
        long[] offsets = new long[count];
        long now = 0;
        for (int i = 0; i < count; i++) {
            now = Backoff.next(base, 0, now);
            offsets[i] = now / 1000;
        }
        return offsets;
    }

    @Test
    void remoteAttemptsFollowTheOriginalsSchedule() {
        assertArrayEquals(
                new long[] {400, 1600, 3600, 6400, 10000, 14400},
                offsets(Backoff.base(Limits.Retry.DEFAULT, DeliveryType.MTA), 6));
    }

    @Test
    void localAttemptsFollowTheOriginalsSchedule() {
        assertArrayEquals(
                new long[] {10, 40, 90, 160},
                offsets(Backoff.base(Limits.Retry.DEFAULT, DeliveryType.MDA), 4));
    }

    @Test
    void reportsToSendersFollowTheLocalSchedule() {
        assertArrayEquals(
                new long[] {10, 40, 90, 160},
                offsets(Backoff.base(Limits.Retry.DEFAULT, DeliveryType.BOUNCE), 4));
    }

    @Test
    void creationInTheFutureCountsAsNow() {
        assertEquals(1_000_000 + 400_000, Backoff.next(400_000, 1_000_000, 5));
    }

    @Test
    void nextIsTheFirstOfTheScheduleAfterNow() {
        Random random = new Random(1);
        for (int i = 0; i < 100_000; i++) {
            long base = 1 + random.nextLong(500_000);
            long age = random.nextLong(400L * 86_400_000);
            long next = Backoff.next(base, 77, 77 + age) - 77;
            long n = Math.round(Math.sqrt((double) next / base));
            assertEquals(base * n * n, next);
            assertTrue(next > age, () -> "base " + base + " age " + age);
            assertTrue(base * (n - 1) * (n - 1) <= age, () -> "base " + base + " age " + age);
        }
    }
}
