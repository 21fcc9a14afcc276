package smtpd.filter;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Queue;

/// Lines that are kept until they are wanted, first in first out: a few in memory, more in a file
/// without a name. What signs a message, and can say so only in front of it, holds the message
/// here.
///
/// # Limits
///
/// [#MEMORY_MAX] in memory. The file is in the directory for temporary files (`TMPDIR` or `/tmp`),
/// of any size; it is gone with the process. Lines are of one character for each byte. Not for
/// several threads at a time.
public final class HeldLines implements AutoCloseable {
    /// Bytes of lines in memory; with a thousand messages at a time that is half of a small heap.
    static final int MEMORY_MAX = 1 << 14;

    /// What a line takes in memory beside its characters.
    private static final int OVERHEAD = 56;

    private static final int BUFFER = 1 << 13;

    private final Queue<String> front = new ArrayDeque<>();
    private int frontBytes;
    private @Nullable Tail tail;

    /// What is in the file.
    private static final class Tail {
        private final FileChannel file;
        private final ByteBuffer writing = ByteBuffer.allocate(BUFFER);
        private final ByteBuffer reading = ByteBuffer.allocate(BUFFER).limit(0);
        private long written;
        private long read;

        private Tail() throws IOException {
            Path path = Files.createTempFile("filter", ".lines");
            try {
                file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
            } finally {
                Files.delete(path);
            }
        }

        private void add(byte[] bytes) throws IOException {
            for (byte each : bytes) {
                put(each);
            }
            put((byte) '\n');
        }

        private void put(byte each) throws IOException {
            if (!writing.hasRemaining()) {
                flush();
            }
            writing.put(each);
        }

        private void flush() throws IOException {
            writing.flip();
            while (writing.hasRemaining()) {
                written += file.write(writing, written);
            }
            writing.clear();
        }

        private @Nullable String next() throws IOException {
            StringBuilder line = new StringBuilder();
            while (true) {
                while (reading.hasRemaining()) {
                    char next = (char) (reading.get() & 0xff);
                    if (next == '\n') {
                        return line.toString();
                    }
                    line.append(next);
                }
                flush();
                reading.clear();
                reading.limit((int) Math.min(BUFFER, written - read));
                int count = reading.hasRemaining() ? file.read(reading, read) : 0;
                reading.flip();
                if (count <= 0) {
                    read = 0;
                    written = 0;
                    return null;
                }
                read += count;
            }
        }
    }

    /// Adds a line behind the others.
    ///
    /// @throws IOException if the file cannot be made or written
    public void add(String line) throws IOException {
        if (tail == null && frontBytes + OVERHEAD + line.length() <= MEMORY_MAX) {
            front.add(line);
            frontBytes += OVERHEAD + line.length();
            return;
        }
        Tail file = tail;
        if (file == null) {
            file = new Tail();
            tail = file;
        }
        file.add(line.getBytes(StandardCharsets.ISO_8859_1));
    }

    /// Takes the first line away; null if there is none.
    public @Nullable String next() throws IOException {
        String line = front.poll();
        if (line != null) {
            frontBytes -= OVERHEAD + line.length();
            return line;
        }
        return tail == null ? null : tail.next();
    }

    /// Takes all lines away and gives them to the output.
    public void pourInto(Editor.Output out) throws IOException {
        String line = next();
        while (line != null) {
            out.line(line);
            line = next();
        }
    }

    @Override
    public void close() throws IOException {
        front.clear();
        frontBytes = 0;
        if (tail != null) {
            tail.file.close();
            tail = null;
        }
    }
}
