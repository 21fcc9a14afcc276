package smtpd.core.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.spi.LoggingEvent;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Logging while nobody reads the log.
class LineRingTest {
    private static final Pattern DROPPED = Pattern.compile("warn: log: (\\d+) lines dropped");
    private static final String LINE = "x".repeat(1023);

    /// A sink that takes nothing until it is told to.
    private static final class Blocked extends OutputStream {
        private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
        private final CountDownLatch asked = new CountDownLatch(1);
        private final CountDownLatch open = new CountDownLatch(1);

        @Override
        public void write(int octet) {
            throw new IllegalStateException("lines are written in pieces");
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            asked.countDown();
            try {
                open.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            taken.write(bytes, from, length);
        }
    }

    /// A sink on a disk that is full for the first piece.
    private static final class Full extends OutputStream {
        private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
        private final CountDownLatch refused = new CountDownLatch(1);

        @Override
        public void write(int octet) {
            throw new IllegalStateException("lines are written in pieces");
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            if (refused.getCount() > 0) {
                refused.countDown();
                throw new IOException("No space left on device");
            }
            taken.write(bytes, from, length);
        }
    }

    @Test
    @Timeout(60)
    @DisplayName("F-83: lines that a full disk does not take are counted as well")
    void fullDiskIsCounted() throws InterruptedException {
        Full sink = new Full();
        LineRing ring = new LineRing(sink);
        ring.start();
        log(ring, "first");
        sink.refused.await();
        log(ring, "second");
        ring.stop();
        List<String> written = sink.taken.toString(StandardCharsets.UTF_8).lines().toList();
        assertTrue(written.contains("warn: log: 1 lines dropped"), written::toString);
        assertTrue(written.contains("second"), written::toString);
    }

    private static void log(LineRing ring, String line) {
        LoggingEvent event = new LoggingEvent();
        event.setMessage(line);
        ring.doAppend(event);
    }

    @Test
    @Timeout(60)
    @DisplayName("F-83: with the sink blocked nobody waits, memory is bounded, drops are counted")
    void blockedSinkHoldsNobodyUpAndDropsAreCounted() throws InterruptedException {
        Blocked sink = new Blocked();
        LineRing ring = new LineRing(sink);
        ring.start();
        log(ring, "first");
        sink.asked.await();
        int lines = 4 * LineRing.BYTES_MAX / LINE.length();
        for (int i = 0; i < lines; i++) {
            log(ring, LINE);
        }
        sink.open.countDown();
        ring.stop();
        List<String> written = sink.taken.toString(StandardCharsets.UTF_8).lines().toList();
        assertEquals("first", written.getFirst());
        long kept = written.stream().filter(LINE::equals).count();
        assertTrue(kept > 0 && kept * LINE.length() <= LineRing.BYTES_MAX, () -> kept + " lines");
        Matcher dropped = DROPPED.matcher(written.getLast());
        assertTrue(dropped.matches(), written.getLast());
        assertEquals(lines - kept, Long.parseLong(dropped.group(1)));
    }
}
