package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// Decompresses what [Gzip] made, as it comes; for one thread at a time.
///
/// Its own checksum and length are not looked at: the label has better ones.
final class Gunzip implements Decompressor {
    private static final int HEADER = 10;
    private static final int TRAILER = 8;
    private static final int BUFFER = 32 * 1024;

    private @Nullable Inflater inflater = new Inflater(true);
    private final ByteArrayOutputStream header = new ByteArrayOutputStream();
    private int behind;

    @Override
    public void put(Bytes bytes) throws CorruptException {
        int at = bytes.offset();
        int end = at + bytes.length();
        int missing = Math.min(HEADER - header.size(), end - at);
        header.write(bytes.array(), at, missing);
        at += missing;
        if (header.size() == HEADER && missing > 0) {
            byte[] first = header.toByteArray();
            if (first[0] != 0x1f || first[1] != (byte) 0x8b || first[2] != 8 || first[3] != 0) {
                throw new CorruptException("content is not gzip");
            }
        }
        if (inflater == null || at == end) {
            return;
        }
        if (inflater.finished()) {
            behind += end - at;
        } else {
            inflater.setInput(bytes.array(), at, end - at);
        }
    }

    @Override
    public byte @Nullable [] next() throws CorruptException {
        if (inflater == null || inflater.finished()) {
            return null;
        }
        byte[] buffer = new byte[BUFFER];
        try {
            int n = inflater.inflate(buffer);
            if (inflater.needsDictionary()) {
                throw new CorruptException("content is not gzip");
            }
            if (inflater.finished()) {
                behind += inflater.getRemaining();
            }
            return n == 0 ? null : Arrays.copyOf(buffer, n);
        } catch (DataFormatException e) {
            throw new CorruptException("content is not gzip: " + e.getMessage());
        }
    }

    @Override
    public boolean ended() {
        return inflater != null && inflater.finished() && behind == TRAILER;
    }

    @Override
    public void close() {
        if (inflater != null) {
            inflater.end();
            inflater = null;
        }
    }
}
