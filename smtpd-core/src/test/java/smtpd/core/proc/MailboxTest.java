package smtpd.core.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

class MailboxTest {
    private static final Instant START = Instant.parse("2038-01-19T03:14:07Z");

    private final AtomicReference<Instant> wall = new AtomicReference<>(START);
    private final Mailbox mailbox = new Mailbox("test", wall::get);

    @AfterEach
    void close() throws InterruptedException {
        mailbox.close();
        mailbox.join();
    }

    @Test
    void tasksRunInOrderInOneThread() throws Exception {
        List<Integer> ran = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            int number = i;
            mailbox.post(() -> {
                assertTrue(mailbox.isCurrent());
                ran.add(number);
            });
        }
        TwoPeers.settle(mailbox);
        assertEquals(IntStream.range(0, 1000).boxed().toList(), ran);
        assertFalse(mailbox.isCurrent());
    }

    @Test
    void whatIsPutOffComesInTheOrderOfItsTimeAndNotBefore() throws Exception {
        List<String> ran = new ArrayList<>();
        CompletableFuture<Duration> took = new CompletableFuture<>();
        Duration delay = Duration.ofMillis(20);
        mailbox.post(() -> {
            Instant asked = mailbox.now();
            mailbox.after(
                    delay,
                    () -> {
                        ran.add("late");
                        took.complete(Duration.between(asked, mailbox.now()));
                    });
            mailbox.after(Duration.ofMillis(1), () -> ran.add("early"));
            mailbox.after(Duration.ofMillis(-5), () -> ran.add("at once"));
            mailbox.after(Duration.ZERO, () -> ran.add("at once too"));
        });
        assertTrue(took.get().compareTo(delay) >= 0);
        assertEquals(List.of("at once", "at once too", "early", "late"), ran);
    }

    @Test
    void putOffForEverIsPutOffAndNothingElse() throws Exception {
        mailbox.after(
                Duration.ofSeconds(Long.MAX_VALUE),
                () -> {
                    throw new AssertionError("for ever is over");
                });
        CountDownLatch soon = new CountDownLatch(1);
        mailbox.after(Duration.ofMillis(1), soon::countDown);
        TwoPeers.await(soon);
    }

    @Test
    void aSoonerTimeWakesTheSleeper() throws Exception {
        CountDownLatch late = new CountDownLatch(1);
        mailbox.after(Duration.ofDays(1), late::countDown);
        TwoPeers.settle(mailbox);
        CountDownLatch soon = new CountDownLatch(1);
        mailbox.after(Duration.ofMillis(1), soon::countDown);
        TwoPeers.await(soon);
        assertEquals(1, late.getCount());
    }

    @Test
    @DisplayName("F-75: a step of the wall clock never shows in an agent's time")
    void aStepOfTheWallClockDoesNotShow() throws Exception {
        CompletableFuture<Instant> after = new CompletableFuture<>();
        wall.set(START.plus(Duration.ofDays(1)));
        mailbox.post(() -> after.complete(mailbox.now()));
        Duration advanced = Duration.between(START, after.get());
        assertFalse(advanced.isNegative());
        assertTrue(advanced.compareTo(Duration.ofHours(1)) < 0, () -> "advanced " + advanced);
    }

    @Test
    @DisplayName("F-75: time only goes forward, whatever the wall clock does")
    void timeOnlyGoesForward() {
        SteadyClock clock = new SteadyClock(InstantSource.fixed(START));
        Instant last = clock.instant();
        for (int i = 0; i < 1000; i++) {
            Instant now = clock.instant();
            assertFalse(now.isBefore(last));
            last = now;
        }
    }

    @Test
    void whatWasPostedBeforeTheEndRuns() throws Exception {
        Mailbox other = new Mailbox("other", InstantSource.system());
        List<String> ran = new ArrayList<>();
        other.post(() -> ran.add("posted"));
        other.close();
        other.join();
        assertEquals(List.of("posted"), ran);
    }

    @Test
    void everyBatchIsFollowedByItsAfter() throws Exception {
        List<String> ran = new ArrayList<>();
        CountDownLatch first = new CountDownLatch(1);
        mailbox.afterEachBatch(() -> {
            ran.add("after");
            first.countDown();
        });
        mailbox.post(() -> ran.add("task"));
        TwoPeers.await(first);
        TwoPeers.settle(mailbox);
        assertEquals(List.of("task", "after"), ran.subList(0, 2));
    }
}
