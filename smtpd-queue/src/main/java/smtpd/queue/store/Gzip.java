package smtpd.queue.store;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/// Compresses content as it comes into the gzip format (RFC 1952); for one thread at a time.
final class Gzip implements Press {
    /// Compressors kept for the next message: each has some 256 KB outside the heap.
    private static final int KEPT = 8;

    private static final int BUFFER = 8 * 1024;

    /// ID1, ID2, deflate, no flags, no time, fastest, system unknown (RFC 1952 §2.3).
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 4, (byte) 0xff};

    private static final Deque<Tool> POOL = new ArrayDeque<>();

    /// What is used again.
    private static final class Tool {
        // speed: a queue is short-lived, its disk is not the bottleneck
        final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
        final CRC32 crc = new CRC32();
        final byte[] buffer = new byte[BUFFER];
    }

    private final Tool tool = take();
    private final Sink sink;
    private long size;

    Gzip(Sink sink) {
        this.sink = sink;
        sink.put(HEADER, 0, HEADER.length);
    }

    private static Tool take() {
        synchronized (POOL) {
            Tool kept = POOL.poll();
            return kept != null ? kept : new Tool();
        }
    }

    @Override
    public void put(byte[] bytes, int offset, int length) {
        tool.crc.update(bytes, offset, length);
        size += length;
        tool.deflater.setInput(bytes, offset, length);
        while (!tool.deflater.needsInput()) {
            drain();
        }
    }

    @Override
    public void end() {
        tool.deflater.finish();
        while (!tool.deflater.finished()) {
            drain();
        }
        byte[] trailer = new byte[8];
        ByteBuffer.wrap(trailer)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt((int) tool.crc.getValue())
                .putInt((int) size);
        sink.put(trailer, 0, trailer.length);
        release();
    }

    @Override
    public void release() {
        tool.deflater.reset();
        tool.crc.reset();
        synchronized (POOL) {
            if (POOL.size() < KEPT) {
                POOL.push(tool);
                return;
            }
        }
        tool.deflater.end();
    }

    private void drain() {
        int n = tool.deflater.deflate(tool.buffer);
        if (n > 0) {
            sink.put(tool.buffer, 0, n);
        }
    }
}
