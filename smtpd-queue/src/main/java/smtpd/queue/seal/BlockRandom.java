package smtpd.queue.seal;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/// Numbers nobody can predict, drawn from the system in blocks: keys and nonces are short, and each
/// question costs the system more than to make them. What was given out is forgotten. For any
/// number of threads.
public final class BlockRandom implements RandomGenerator {
    /// Bytes drawn at a time: those of some twenty messages.
    private static final int BLOCK = 2048;

    private final SecureRandom source;
    private final byte[] block = new byte[BLOCK];
    private int next = BLOCK;

    /// Draws from `source`.
    public BlockRandom(SecureRandom source) {
        this.source = source;
    }

    @Override
    public synchronized void nextBytes(byte[] bytes) {
        int at = 0;
        while (at < bytes.length) {
            if (next == BLOCK) {
                source.nextBytes(block);
                next = 0;
            }
            int n = Math.min(bytes.length - at, BLOCK - next);
            System.arraycopy(block, next, bytes, at, n);
            Arrays.fill(block, next, next + n, (byte) 0);
            next += n;
            at += n;
        }
    }

    @Override
    public long nextLong() {
        byte[] bytes = new byte[8];
        nextBytes(bytes);
        return ByteBuffer.wrap(bytes).getLong();
    }
}
