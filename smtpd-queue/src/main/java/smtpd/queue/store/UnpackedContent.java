package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.conf.Compression;
import smtpd.core.mail.Bytes;
import smtpd.queue.seal.FrameOpener;
import smtpd.queue.seal.SealException;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/// A message's content unpacked as it is read: opened first, then decompressed, then compared with
/// what its label says.
final class UnpackedContent implements Content {
    private final Content packed;
    private final MessageLabel label;
    private final Consumer<String> damaged;
    private final @Nullable FrameOpener opener;
    private final @Nullable Decompressor decompressor;
    private final CRC32C crc = new CRC32C();
    private final Deque<Bytes> ready = new ArrayDeque<>();
    private long total;
    private @Nullable Piece last;

    /// Unpacks `packed`; `damaged` is told when it is not what was committed.
    UnpackedContent(Content packed, MessageLabel label, Consumer<String> damaged) {
        this.packed = packed;
        this.label = label;
        this.damaged = damaged;
        opener = label.keys() == null ? null : new FrameOpener(label.keys(), packed.size());
        decompressor =
                label.compression() == Compression.NONE
                        ? null
                        : Decompressor.of(label.compression());
    }

    @Override
    public long size() {
        return label.size();
    }

    @Override
    public Piece next() {
        if (last != null) {
            return last;
        }
        Piece piece = read();
        if (!(piece instanceof Piece.Chunk)) {
            last = piece;
            close();
        }
        return piece;
    }

    private Piece read() {
        try {
            while (true) {
                byte[] grown = decompressor == null ? null : decompressor.next();
                if (grown != null) {
                    return chunk(Bytes.of(grown));
                }
                if (!ready.isEmpty()) {
                    Bytes opened = ready.remove();
                    if (decompressor == null) {
                        return chunk(opened);
                    }
                    decompressor.put(opened);
                    continue;
                }
                switch (packed.next()) {
                    case Piece.Chunk(Bytes bytes) -> open(bytes);
                    case Piece.End _ -> {
                        return end();
                    }
                    case Refused refused -> {
                        return refused;
                    }
                }
            }
        } catch (CorruptException | SealException e) {
            return damage(String.valueOf(e.getMessage()));
        }
    }

    private Piece chunk(Bytes bytes) {
        crc.update(bytes.array(), bytes.offset(), bytes.length());
        total += bytes.length();
        if (total > label.size()) {
            return damage("content is longer than what was committed");
        }
        return new Piece.Chunk(bytes);
    }

    private Piece end() {
        boolean whole =
                (opener == null || opener.ended())
                        && (decompressor == null || decompressor.ended());
        if (!whole || total != label.size() || (int) crc.getValue() != label.crc32c()) {
            return damage("content is not what was committed");
        }
        return Piece.END;
    }

    private Refused damage(String why) {
        damaged.accept(why);
        return new Refused(Refused.Reason.DAMAGED, why);
    }

    private void open(Bytes bytes) throws CorruptException, SealException {
        if (opener == null) {
            ready.add(bytes);
            return;
        }
        int at = bytes.offset();
        int end = at + bytes.length();
        while (at < end) {
            int n = opener.put(bytes.array(), at, end - at);
            at += n;
            Optional<byte[]> frame = opener.next();
            if (frame.isEmpty() && n == 0) {
                throw new CorruptException("content is longer than what was committed");
            }
            frame.filter(opened -> opened.length > 0)
                    .ifPresent(opened -> ready.add(Bytes.of(opened)));
        }
    }

    @Override
    public void close() {
        packed.close();
        if (decompressor != null) {
            decompressor.close();
        }
        ready.clear();
    }
}
