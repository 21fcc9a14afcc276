package smtpd.core.tls;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.ArrayBlockingQueue;

/// Buffers for one record each, lent for as long as it takes. Thread-safe.
final class Scratch {
    /// Longest record (RFC 5246 §6.2.3: 2^14 and at most 2048 more, and its head), rounded up; JSSE
    /// asks for a little less.
    static final int SIZE = 18 * 1024;

    /// Buffers kept for the next who needs one: a few for each core.
    private static final int KEPT = 32;

    private static final ArrayBlockingQueue<byte[]> FREE = new ArrayBlockingQueue<>(KEPT);

    private Scratch() {}

    static byte[] take() {
        byte @Nullable [] free = FREE.poll();
        return free == null ? new byte[SIZE] : free;
    }

    /// Gives a buffer back; what is not one of ours, or too many, is left to the collector.
    static void give(byte[] buffer) {
        if (buffer.length == SIZE) {
            FREE.offer(buffer);
        }
    }
}
