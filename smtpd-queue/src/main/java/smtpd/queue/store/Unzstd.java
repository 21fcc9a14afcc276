package smtpd.queue.store;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/// Decompresses what [Zstd] made, as it comes; for one thread at a time.
///
/// A frame that asks for more memory than ours is refused before any is given.
final class Unzstd implements Decompressor {
    /// Decompressors kept for the next message.
    private static final int KEPT = 8;

    private static final int BUFFER = 32 * 1024;

    /// Magic number, no flags (RFC 8878 §3.1.1); the window follows.
    private static final byte[] HEADER = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0};

    /// The largest window, as it is written (RFC 8878 §3.1.1.1.2).
    private static final int WINDOW = (Zstd.WINDOW - 10) << 3;

    private static final Deque<Tool> POOL = new ArrayDeque<>();

    /// What is used again.
    private static final class Tool {
        final ZstdDecompressCtx context = new ZstdDecompressCtx();
        final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER);
        final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER);
    }

    private @Nullable Tool tool = take();
    private Bytes pending = Bytes.EMPTY;
    private int seen;
    private boolean ended;

    private static Tool take() {
        synchronized (POOL) {
            Tool kept = POOL.poll();
            if (kept != null) {
                return kept;
            }
        }
        Tool fresh = new Tool();
        fresh.in.flip();
        return fresh;
    }

    @Override
    public void put(Bytes bytes) throws CorruptException {
        for (int i = 0; i < bytes.length() && seen <= HEADER.length; i++, seen++) {
            int next = bytes.array()[bytes.offset() + i];
            boolean ours = seen < HEADER.length ? next == HEADER[seen] : (next & 0xff) <= WINDOW;
            if (!ours) {
                throw new CorruptException("content is not zstd");
            }
        }
        pending = bytes;
    }

    @Override
    public byte @Nullable [] next() throws CorruptException {
        if (tool == null) {
            return null;
        }
        do {
            fill(tool.in);
            byte[] grown = grow(tool);
            if (grown.length > 0) {
                return grown;
            }
        } while (!ended && (tool.in.hasRemaining() || pending.length() > 0));
        return null;
    }

    private void fill(ByteBuffer in) {
        if (!in.hasRemaining()) {
            int n = Math.min(pending.length(), BUFFER);
            in.clear().put(pending.array(), pending.offset(), n).flip();
            pending = Bytes.of(pending.array(), pending.offset() + n, pending.length() - n);
        }
    }

    private byte[] grow(Tool tool) throws CorruptException {
        tool.out.clear();
        try {
            ended = ended || tool.context.decompressDirectByteBufferStream(tool.out, tool.in);
        } catch (ZstdException e) {
            throw new CorruptException("content is not zstd: " + e.getMessage());
        }
        byte[] grown = new byte[tool.out.flip().remaining()];
        tool.out.get(grown);
        return grown;
    }

    @Override
    public boolean ended() {
        return ended && pending.length() == 0 && tool != null && !tool.in.hasRemaining();
    }

    @Override
    public void close() {
        Tool used = tool;
        tool = null;
        if (used == null) {
            return;
        }
        used.context.reset();
        used.in.clear().flip();
        synchronized (POOL) {
            if (POOL.size() < KEPT) {
                POOL.push(used);
                return;
            }
        }
        used.context.close();
    }
}
