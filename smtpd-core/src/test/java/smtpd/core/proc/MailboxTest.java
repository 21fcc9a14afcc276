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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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

    @Test
    void anIdleAgentsWorkRunsWhereItArrives() throws Exception {
        List<String> ran = new ArrayList<>();
        AtomicReference<Thread> agent = new AtomicReference<>();
        mailbox.post(() -> agent.set(Thread.currentThread()));
        mailbox.afterEachBatch(() -> ran.add("flushed"));
        TwoPeers.settle(mailbox);
        awaitIdle(agent.get());
        ran.clear();
        AtomicReference<Thread> where = new AtomicReference<>();
        mailbox.runOrPost(() -> {
            assertTrue(mailbox.isCurrent());
            where.set(Thread.currentThread());
            ran.add("ran");
        });
        assertEquals(Thread.currentThread(), where.get());
        assertEquals(List.of("ran", "flushed"), ran);
        assertFalse(mailbox.isCurrent());
    }

    /// Waits until the agent's thread has nothing to do but wait.
    private static void awaitIdle(Thread agent) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (agent.getState() != Thread.State.WAITING && System.nanoTime() - deadline < 0) {
            Thread.onSpinWait();
        }
        assertEquals(Thread.State.WAITING, agent.getState());
    }

    @Test
    void aBusyAgentsWorkWaitsForItsTurn() throws Exception {
        List<String> ran = new ArrayList<>();
        CountDownLatch began = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        mailbox.post(() -> {
            began.countDown();
            awaitQuietly(go);
            ran.add("first");
        });
        TwoPeers.await(began);
        mailbox.runOrPost(() -> ran.add("second"));
        mailbox.post(() -> ran.add("third"));
        go.countDown();
        TwoPeers.settle(mailbox);
        assertEquals(List.of("first", "second", "third"), ran);
    }

    @Test
    void whatComesUpWhileAReaderRunsTheAgentIsDoneAfterwards() throws Exception {
        CountDownLatch posted = new CountDownLatch(1);
        CountDownLatch due = new CountDownLatch(2);
        List<String> ran = new ArrayList<>();
        mailbox.after(Duration.ofMillis(1), due::countDown);
        mailbox.runOrPost(() -> {
            mailbox.after(Duration.ofMillis(2), due::countDown);
            mailbox.post(() -> {
                ran.add("posted");
                posted.countDown();
            });
            ran.add("reader");
        });
        TwoPeers.await(posted);
        TwoPeers.await(due);
        assertEquals(List.of("reader", "posted"), ran);
    }

    @Test
    void readersAndOthersNeverRunTheAgentTogether() throws Exception {
        int threads = 4;
        int each = 2000;
        int[] count = {0};
        AtomicBoolean inside = new AtomicBoolean();
        CountDownLatch done = new CountDownLatch(threads * each);
        Runnable task =
                () -> {
                    assertTrue(inside.compareAndSet(false, true));
                    count[0]++;
                    inside.set(false);
                    done.countDown();
                };
        for (int i = 0; i < threads; i++) {
            boolean reader = i % 2 == 0;
            Thread.ofPlatform()
                    .daemon(true)
                    .start(() -> {
                        for (int n = 0; n < each; n++) {
                            if (reader) {
                                mailbox.runOrPost(task);
                            } else {
                                mailbox.post(task);
                            }
                        }
                    });
        }
        TwoPeers.await(done);
        TwoPeers.settle(mailbox);
        assertEquals(threads * each, count[0]);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            TwoPeers.await(latch);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
