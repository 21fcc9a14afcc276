package smtpd.lka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

class WorkersTest {
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName("F-72: a question that makes lka throw is answered for now; nothing else happens")
    void whatThrowsIsAnsweredAndLeavesRoom(boolean deep) throws InterruptedException {
        Workers workers = new Workers();
        for (int i = 0; i < 3; i++) {
            CountDownLatch answered = new CountDownLatch(1);
            workers.run(
                    () -> {
                        if (deep) {
                            tooDeep(0);
                        }
                        throw new IllegalStateException("an error of ours");
                    },
                    answered::countDown);
            assertTrue(answered.await(60, TimeUnit.SECONDS));
        }
        CountDownLatch next = new CountDownLatch(1);
        workers.run(next::countDown, Assertions::fail);
        assertTrue(next.await(60, TimeUnit.SECONDS));
    }

    private static int tooDeep(int depth) {
        return depth < 0 ? 0 : tooDeep(depth + 1) + 1;
    }

    @Test
    void beyondTheLimitTheOtherAnswerIsGivenAtOnce() throws InterruptedException {
        Workers workers = new Workers();
        CountDownLatch hold = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(Workers.MAX);
        AtomicInteger refused = new AtomicInteger();
        for (int i = 0; i < Workers.MAX + 3; i++) {
            workers.run(
                    () -> {
                        try {
                            hold.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                        done.countDown();
                    },
                    refused::incrementAndGet);
        }
        assertEquals(3, refused.get());
        assertEquals(Workers.MAX, workers.underWay());
        hold.countDown();
        done.await();
    }
}
