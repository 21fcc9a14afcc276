package smtpd.queue.store;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/// Compresses content as it comes into the gzip format (RFC 1952); for one thread at a time.
final class Gzip {
    /// Where compressed bytes go.
    interface Sink {
        void put(byte[] bytes, int offset, int length);
    }

    /// Compressors kept for the next message: each has some 256 KB outside the heap.
    private static final int KEPT = 8;

    private static final int BUFFER = 8 * 1024;

    /// ID1, ID2, deflate, no flags, no time, fastest, system unknown (RFC 1952 §2.3).
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 4, (byte) 0xff};

    private static final Deque<Deflater> POOL = new ArrayDeque<>();

    private final Deflater deflater = take();
    private final CRC32 crc = new CRC32();
    private final byte[] buffer = new byte[BUFFER];
    private final Sink sink;
    private long size;

    Gzip(Sink sink) {
        this.sink = sink;
        sink.put(HEADER, 0, HEADER.length);
    }

    private static Deflater take() {
        synchronized (POOL) {
            Deflater kept = POOL.poll();
            // speed: a queue is short-lived, its disk is not the bottleneck
            return kept != null ? kept : new Deflater(Deflater.BEST_SPEED, true);
        }
    }

    void put(byte[] bytes, int offset, int length) {
        crc.update(bytes, offset, length);
        size += length;
        deflater.setInput(bytes, offset, length);
        while (!deflater.needsInput()) {
            drain();
        }
    }

    /// The content is complete.
    void end() {
        deflater.finish();
        while (!deflater.finished()) {
            drain();
        }
        byte[] trailer = new byte[8];
        java.nio.ByteBuffer.wrap(trailer)
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .putInt((int) crc.getValue())
                .putInt((int) size);
        sink.put(trailer, 0, trailer.length);
        release();
    }

    /// The compressor is not needed any more.
    void release() {
        deflater.reset();
        synchronized (POOL) {
            if (POOL.size() < KEPT) {
                POOL.push(deflater);
                return;
            }
        }
        deflater.end();
    }

    private void drain() {
        int n = deflater.deflate(buffer);
        if (n > 0) {
            sink.put(buffer, 0, n);
        }
    }
}
