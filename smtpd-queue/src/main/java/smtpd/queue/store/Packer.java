package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.conf.Compression;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.MsgId;
import smtpd.queue.seal.FrameSealer;
import smtpd.queue.seal.MessageKeys;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A message on its way in: its content is compressed first, then sealed, then cut into pieces.
///
/// Nothing leaves it that is not sealed, if it seals at all. Small content is compressed when it is
/// complete, and only if it gets smaller: a client that sends it slowly holds no compressor
/// meanwhile. Guarded by itself.
final class Packer {
    private static final int PIECE = MessageKeys.FRAME;

    /// Bytes of content that are gathered before a compressor is taken.
    private static final int SMALL = 16 * 1024;

    /// Bytes a buffer begins with: most messages are small, and many come in at a time.
    private static final int FIRST = 2 * 1024;

    private static final byte[] NONE = {};

    /// What came in.
    final Draft plain;

    /// What went out.
    final Draft packed;

    private final @Nullable MessageKeys keys;
    private final Compression compression;
    private final @Nullable FrameSealer sealer;
    private final List<Bytes> ready = new ArrayList<>();
    private @Nullable Press press;

    /// What is gathered for the compressor, and what is cut when nothing is sealed.
    private byte[] gathered = NONE;

    private int gatheredLength;
    private byte[] piece = NONE;
    private int filled;
    private Compression compressed = Compression.NONE;
    private boolean ended;

    Packer(MsgId id, Compression compression, @Nullable MessageKeys keys) {
        plain = new Draft(id);
        packed = new Draft(id);
        this.keys = keys;
        this.compression = compression;
        sealer = keys == null ? null : new FrameSealer(keys, sealed -> out(Bytes.of(sealed)));
    }

    /// How what went out is packed; known at its end.
    MessageLabel label() {
        return new MessageLabel(compressed, keys, plain.size(), plain.checksum());
    }

    /// Takes content; returns the pieces that are to be stored.
    List<Bytes> put(Bytes chunk) {
        plain.appended(chunk);
        if (compression == Compression.NONE) {
            seal(chunk.array(), chunk.offset(), chunk.length());
        } else {
            compress(chunk.array(), chunk.offset(), chunk.length());
        }
        return taken();
    }

    private void compress(byte[] bytes, int offset, int length) {
        Press running = press;
        if (running == null && gatheredLength + length <= SMALL) {
            gathered = room(gathered, gatheredLength + length, SMALL);
            System.arraycopy(bytes, offset, gathered, gatheredLength, length);
            gatheredLength += length;
            return;
        }
        if (running == null) {
            running = Press.of(compression, this::seal);
            press = running;
            compressed = compression;
            running.put(gathered, 0, gatheredLength);
            gathered = NONE;
        }
        running.put(bytes, offset, length);
    }

    private static byte[] room(byte[] buffer, int length, int most) {
        if (length <= buffer.length) {
            return buffer;
        }
        int more = Math.clamp(2L * length, FIRST, most);
        return Arrays.copyOf(buffer, more);
    }

    /// The content is complete; returns the last pieces that are to be stored. Only the first call
    /// does anything.
    List<Bytes> end() {
        if (ended) {
            return List.of();
        }
        ended = true;
        if (press != null) {
            press.end();
        } else if (compression != Compression.NONE) {
            compressSmall();
        }
        if (sealer != null) {
            sealer.end();
        } else {
            cut();
        }
        return taken();
    }

    private void compressSmall() {
        GrowBuffer smaller = new GrowBuffer(gatheredLength + FIRST, true);
        Press once = Press.of(compression, smaller::putBytes);
        once.put(gathered, 0, gatheredLength);
        once.end();
        if (smaller.position() < gatheredLength) {
            compressed = compression;
            byte[] bytes = smaller.written().array();
            seal(bytes, 0, smaller.position());
        } else {
            seal(gathered, 0, gatheredLength);
        }
        gathered = NONE;
    }

    /// The message is given up.
    void abandon() {
        if (!ended && press != null) {
            press.release();
        }
        ended = true;
    }

    private void seal(byte[] bytes, int offset, int length) {
        if (sealer != null) {
            sealer.put(bytes, offset, length);
            return;
        }
        for (int at = offset; at < offset + length; ) {
            int n = Math.min(offset + length - at, PIECE - filled);
            piece = room(piece, filled + n, PIECE);
            System.arraycopy(bytes, at, piece, filled, n);
            filled += n;
            at += n;
            if (filled == PIECE) {
                cut();
            }
        }
    }

    private void cut() {
        if (filled > 0) {
            out(Bytes.of(Arrays.copyOf(piece, filled)));
            filled = 0;
        }
    }

    private void out(Bytes bytes) {
        packed.appended(bytes);
        ready.add(bytes);
    }

    private List<Bytes> taken() {
        List<Bytes> taken = List.copyOf(ready);
        ready.clear();
        return taken;
    }
}
