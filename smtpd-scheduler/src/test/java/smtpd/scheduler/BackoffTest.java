package smtpd.scheduler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import smtpd.core.conf.Limits;
import smtpd.core.mail.DeliveryType;

import java.time.Duration;
import java.util.List;
import java.util.Map;
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

    private static final List<Duration> PAUSES =
            List.of(Duration.ofMinutes(5), Duration.ofMinutes(15), Duration.ofHours(1));

    @Test
    void pausesAreCountedFromTheCreationAndTheLastIsRepeated() {
        long now = 7;
        for (long expected : new long[] {300, 1200, 4800, 8400, 12000}) {
            now = Backoff.next(PAUSES, 7, now);
            assertEquals(7 + expected * 1000, now);
        }
        assertEquals(4_800_000, Backoff.next(PAUSES, 0, 4_799_999));
        assertEquals(8_400_000, Backoff.next(PAUSES, 0, 4_800_000));
        assertEquals(1_300_000, Backoff.next(PAUSES, 1_000_000, 5));
    }

    @Test
    void aDestinationMayHaveItsOwnPauses() {
        Limits.Retry retry =
                new Limits.Retry(
                        400,
                        10,
                        10,
                        new Limits.Pauses(
                                PAUSES,
                                Map.of("slow.test", List.of(Duration.ofHours(2))),
                                Map.of("smart", List.of(Duration.ofMinutes(1)))));
        assertEquals(300_000, Backoff.next(retry, DeliveryType.MTA, "other.test", 0, 0));
        assertEquals(7_200_000, Backoff.next(retry, DeliveryType.MTA, "slow.test", 0, 0));
        assertEquals(60_000, Backoff.next(retry, DeliveryType.MTA, "smart", 0, 0));
        assertEquals(10_000, Backoff.next(retry, DeliveryType.MDA, "slow.test", 0, 0));
        assertEquals(10_000, Backoff.next(retry, DeliveryType.BOUNCE, "slow.test", 0, 0));
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
