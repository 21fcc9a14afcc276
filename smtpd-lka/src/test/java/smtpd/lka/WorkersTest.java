package smtpd.lka;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

class WorkersTest {
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
