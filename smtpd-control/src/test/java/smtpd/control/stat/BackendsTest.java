package smtpd.control.stat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

class BackendsTest {
    private static Reading reading(int second) {
        return new Reading(Instant.ofEpochSecond(second), new TreeMap<>());
    }

    /// Takes a reading when it may.
    private static final class Slow implements Backend {
        private final Semaphore may = new Semaphore(0);

        @Override
        public void take(Reading reading) {
            may.acquireUninterruptibly();
        }

        @Override
        public void close() {}
    }

    /// Remembers what it took.
    private static final class Memory implements Backend {
        private final BlockingQueue<Instant> taken = new LinkedBlockingQueue<>();

        @Override
        public void take(Reading reading) {
            taken.add(reading.at());
        }

        @Override
        public void close() {}

        Instant next() throws InterruptedException {
            Instant at = taken.poll(30, TimeUnit.SECONDS);
            return at == null ? Instant.MAX : at;
        }
    }

    @Test
    void everyBackendIsGivenEachReadingAndASlowOneKeepsNobodyWaiting() throws InterruptedException {
        Memory first = new Memory();
        Slow slow = new Slow();
        Memory last = new Memory();
        Backends all = new Backends(List.of(first, slow, last));
        all.start();
        assertTrue(all.offer(reading(1)));
        assertEquals(Instant.ofEpochSecond(1), first.next());
        int offered = 1;
        while (all.offer(reading(offered + 1))) {
            offered++;
        }
        assertEquals(2, offered, "one waits, later ones are left out");
        slow.may.release(2);
        assertEquals(Instant.ofEpochSecond(2), first.next());
        assertEquals(Instant.ofEpochSecond(1), last.next());
        assertEquals(Instant.ofEpochSecond(2), last.next());
    }
}
