package smtpd.queue.seal;

import java.util.Arrays;
import java.util.function.Consumer;

/// Seals a message's content frame by frame as it comes; for one thread at a time.
public final class FrameSealer {
    /// Bytes held at first: most messages are small, and many come in at a time.
    private static final int FIRST = 2 * 1024;

    private final MessageKeys keys;
    private final Consumer<byte[]> out;
    private byte[] frame = new byte[FIRST];
    private int filled;
    private int number;

    /// Hands each sealed frame to `out`.
    public FrameSealer(MessageKeys keys, Consumer<byte[]> out) {
        this.keys = keys;
        this.out = out;
    }

    /// Takes content.
    public void put(byte[] bytes, int offset, int length) {
        int at = offset;
        int left = length;
        while (left > 0) {
            if (filled == MessageKeys.FRAME) {
                emit(false);
            }
            if (filled == frame.length) {
                frame = Arrays.copyOf(frame, Math.min(MessageKeys.FRAME, 4 * filled));
            }
            int n = Math.min(left, frame.length - filled);
            System.arraycopy(bytes, at, frame, filled, n);
            filled += n;
            at += n;
            left -= n;
        }
    }

    /// The content is complete: the last frame goes out, empty if there is none.
    public void end() {
        emit(true);
    }

    private void emit(boolean last) {
        out.accept(keys.sealFrame(number++, last, frame, filled));
        filled = 0;
    }
}
