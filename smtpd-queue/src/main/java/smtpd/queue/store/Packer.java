package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.MsgId;
import smtpd.queue.seal.FrameSealer;
import smtpd.queue.seal.MessageKeys;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A message on its way in: its content is compressed first, then sealed, then cut into pieces.
///
/// Nothing leaves it that is not sealed, if it seals at all. Guarded by itself.
final class Packer {
    private static final int PIECE = MessageKeys.FRAME;

    /// What came in.
    final Draft plain;

    /// What went out.
    final Draft packed;

    final @Nullable MessageKeys keys;
    private final @Nullable Gzip gzip;
    private final @Nullable FrameSealer sealer;
    private final byte[] piece = new byte[PIECE];
    private final List<Bytes> ready = new ArrayList<>();
    private int filled;
    private boolean ended;

    Packer(MsgId id, boolean compress, @Nullable MessageKeys keys) {
        plain = new Draft(id);
        packed = new Draft(id);
        this.keys = keys;
        sealer = keys == null ? null : new FrameSealer(keys, sealed -> out(Bytes.of(sealed)));
        gzip = compress ? new Gzip(this::seal) : null;
    }

    boolean compresses() {
        return gzip != null;
    }

    /// Takes content; returns the pieces that are to be stored.
    List<Bytes> put(Bytes chunk) {
        plain.appended(chunk);
        if (gzip != null) {
            gzip.put(chunk.array(), chunk.offset(), chunk.length());
        } else {
            seal(chunk.array(), chunk.offset(), chunk.length());
        }
        return taken();
    }

    /// The content is complete; returns the last pieces that are to be stored. Only the first call
    /// does anything.
    List<Bytes> end() {
        if (ended) {
            return List.of();
        }
        ended = true;
        if (gzip != null) {
            gzip.end();
        }
        if (sealer != null) {
            sealer.end();
        } else {
            cut();
        }
        return taken();
    }

    /// The message is given up.
    void abandon() {
        if (!ended && gzip != null) {
            gzip.release();
        }
        ended = true;
    }

    private void seal(byte[] bytes, int offset, int length) {
        if (sealer != null) {
            sealer.put(bytes, offset, length);
            return;
        }
        for (int at = offset; at < offset + length; ) {
            int n = Math.min(offset + length - at, piece.length - filled);
            System.arraycopy(bytes, at, piece, filled, n);
            filled += n;
            at += n;
            if (filled == piece.length) {
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
