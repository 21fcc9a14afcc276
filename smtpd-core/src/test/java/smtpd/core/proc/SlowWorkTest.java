package smtpd.core.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

class SlowWorkTest {
    private final SlowWork work = new SlowWork("test");
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch end = new CountDownLatch(1);
    private final AtomicInteger done = new AtomicInteger();

    private void hold() {
        begun.countDown();
        try {
            end.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        done.incrementAndGet();
    }

    @Test
    void callerGetsWhatTheWorkCameTo() {
        assertEquals("done", work.call(() -> "done", "busy"));
    }

    @Test
    void oneSlowTaskDoesNotHoldUpTheNext() throws InterruptedException {
        assertTrue(work.offer(this::hold));
        begun.await();
        assertEquals("done", work.call(() -> "done", "busy"));
        end.countDown();
    }

    @Test
    void lineIsBounded() throws InterruptedException {
        int taken = 0;
        while (taken <= SlowWork.THREADS_MAX + SlowWork.WAITING_MAX && work.offer(this::hold)) {
            taken++;
        }
        assertTrue(taken > SlowWork.WAITING_MAX, "taken: " + taken);
        assertTrue(taken <= SlowWork.THREADS_MAX + SlowWork.WAITING_MAX, "taken: " + taken);
        assertFalse(work.offer(this::hold));
        assertEquals("busy", work.call(() -> "done", "busy"));
        end.countDown();
    }
}
