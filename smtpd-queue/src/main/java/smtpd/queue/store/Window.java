package smtpd.queue.store;

import smtpd.core.fs.SpoolFile;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Buffered reading of a file at positions.
final class Window {
    private final SpoolFile file;
    private ByteBuffer buffer;
    private long start;

    /// Reads at least `size` bytes at a time.
    Window(SpoolFile file, int size) {
        this.file = file;
        this.buffer = ByteBuffer.allocate(size).limit(0);
    }

    /// The `length` bytes at `position`, valid until the next call; throws [EOFException] when the
    /// file is shorter.
    ByteBuffer at(long position, int length) throws IOException {
        if (position < start || position + length > start + buffer.limit()) {
            fill(position, length);
        }
        return buffer.slice((int) (position - start), length);
    }

    private void fill(long position, int length) throws IOException {
        if (buffer.capacity() < length) {
            buffer = ByteBuffer.allocate(length);
        }
        buffer.clear();
        start = position;
        try {
            file.read(position, buffer);
        } finally {
            buffer.flip();
        }
        if (buffer.limit() < length) {
            throw new EOFException("file ends at " + (position + buffer.limit()));
        }
    }
}
