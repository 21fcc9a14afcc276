package smtpd.smtp.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import smtpd.smtp.guard.Memory.Need;

import java.time.Duration;
import java.util.concurrent.FutureTask;

class MemoryTest {
    private static final long HEAP = 256L * 1024 * 1024;

    private final Memory memory = new Memory(HEAP);

    private static int fill(Memory memory, Need need) {
        int count = 0;
        while (memory.tryTake(need)) {
            count++;
        }
        return count;
    }

    @Test
    void tenThousandSessionsWithTlsFitInTheUsualHeapAndMoreInClear() {
        assertEquals(10_485, fill(memory, Need.SECURE_SESSION));
        assertTrue(fill(new Memory(HEAP), Need.SESSION) > 12_000);
    }

    @Test
    void whoIsThereCanGoOnWhenNobodyNewIsTakenIn() throws InterruptedException {
        fill(memory, Need.SESSION);
        assertFalse(memory.tryTake(Need.SECURE_SESSION));
        assertTrue(memory.tryTake(Need.HANDSHAKE));
        assertTrue(memory.take(Need.CONTENT, Duration.ZERO));
        assertTrue(memory.free() > 100 * Need.CONTENT.kilobytes());
    }

    @Test
    void noMoreIsGivenOutThanThereIs() throws InterruptedException {
        for (Need need : Need.values()) {
            fill(memory, need);
        }
        assertTrue(memory.free() >= 0 && memory.free() < Need.HANDSHAKE.kilobytes());
        assertTrue(memory.all() * 1024L <= HEAP * 0.8);
        assertFalse(memory.has(Need.CONTENT));
        assertFalse(memory.take(Need.CONTENT, Duration.ZERO));
    }

    @Test
    void aMessageWaitsForItsTurn() throws Exception {
        int held = 0;
        while (memory.take(Need.CONTENT, Duration.ZERO)) {
            held++;
        }
        assertEquals(memory.all() / Need.CONTENT.kilobytes(), held);
        FutureTask<Boolean> waiting =
                new FutureTask<>(() -> memory.take(Need.CONTENT, Duration.ofSeconds(20)));
        Thread.ofVirtual().start(waiting);
        memory.give(Need.CONTENT);
        assertTrue(waiting.get());
    }
}
