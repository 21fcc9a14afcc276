package smtpd.queue.seal;

import java.util.Optional;

/// Opens a message's content frame by frame, from sealed bytes in pieces of any size; for one
/// thread at a time.
public final class FrameOpener {
    private final MessageKeys keys;
    private final byte[] frame;
    private long left;
    private int filled;
    private int number;

    /// Opens sealed content of `size` bytes.
    public FrameOpener(MessageKeys keys, long size) {
        this.keys = keys;
        left = size;
        int most = MessageKeys.FRAME + MessageKeys.FRAME_OVERHEAD;
        frame = new byte[Math.clamp(size, 0, most)];
    }

    /// Takes as many sealed bytes as it can use now; returns how many.
    public int put(byte[] bytes, int offset, int length) {
        int n = (int) Math.min(length, Math.min(frame.length, left) - filled);
        System.arraycopy(bytes, offset, frame, filled, n);
        filled += n;
        return n;
    }

    /// The content of the next frame, if all of it is here; throws [SealException] when the frame
    /// is not the one that was sealed in this place.
    public Optional<byte[]> next() throws SealException {
        if (left == 0 || filled < Math.min(frame.length, left)) {
            return Optional.empty();
        }
        left -= filled;
        byte[] opened = keys.openFrame(number++, left == 0, frame, filled);
        filled = 0;
        return Optional.of(opened);
    }

    /// Whether the last frame was opened.
    public boolean ended() {
        return left == 0 && number > 0;
    }
}
