package smtpd.queue.store;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.ZstdCompressCtx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/// Compresses content as it comes into one frame of Zstandard (RFC 8878); for one thread at a time.
final class Zstd implements Press {
    /// Compressors kept for the next message: each has up to 340 KB outside the heap.
    private static final int KEPT = 8;

    /// The fastest that is not a trade against size: as small as gzip's fastest, in less time.
    private static final int LEVEL = 1;

    /// The window, log2 of its bytes: twice as much would double what each message under way takes,
    /// for a few percent of its size.
    static final int WINDOW = 16;

    private static final int BUFFER = 16 * 1024;
    private static final Deque<Tool> POOL = new ArrayDeque<>();

    /// What is used again.
    private static final class Tool {
        final ZstdCompressCtx context = new ZstdCompressCtx();
        final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER);
        final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER);
        final byte[] bytes = new byte[BUFFER];
    }

    private final Tool tool = take();
    private final Sink sink;

    Zstd(Sink sink) {
        this.sink = sink;
        tool.context.reset();
        tool.context.setLevel(LEVEL).setWindowLog(WINDOW).setContentSize(false);
    }

    /// Loads the library; throws [IOException] with a text for the operator when that cannot be.
    static void load() throws IOException {
        try {
            new Zstd((_, _, _) -> {}).release();
        } catch (LinkageError e) {
            throw new IOException("queue compression zstd: no library for this machine", e);
        }
    }

    private static Tool take() {
        synchronized (POOL) {
            Tool kept = POOL.poll();
            return kept != null ? kept : new Tool();
        }
    }

    @Override
    public void put(byte[] bytes, int offset, int length) {
        for (int at = offset; at < offset + length; ) {
            int n = Math.min(offset + length - at, BUFFER);
            tool.in.clear().put(bytes, at, n).flip();
            at += n;
            while (tool.in.hasRemaining()) {
                press(EndDirective.CONTINUE);
            }
        }
    }

    @Override
    public void end() {
        tool.in.clear().flip();
        boolean all = false;
        while (!all) {
            all = press(EndDirective.END);
        }
        release();
    }

    /// One step; whether nothing is left to be written.
    private boolean press(EndDirective directive) {
        tool.out.clear();
        boolean all = tool.context.compressDirectByteBufferStream(tool.out, tool.in, directive);
        int n = tool.out.flip().remaining();
        if (n > 0) {
            tool.out.get(tool.bytes, 0, n);
            sink.put(tool.bytes, 0, n);
        }
        return all;
    }

    @Override
    public void release() {
        synchronized (POOL) {
            if (POOL.size() < KEPT) {
                POOL.push(tool);
                return;
            }
        }
        tool.context.close();
    }
}
