package smtpd.control.client;

import org.jspecify.annotations.Nullable;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// A message as it came on standard input, kept until it is submitted: in memory if it is small,
/// else in a temporary file that only the caller can read.
final class RawMessage implements AutoCloseable {
    /// Bytes kept in memory: most messages.
    static final int MEMORY_MAX = 1024 * 1024;

    private static final int CHUNK = 64 * 1024;

    private final byte[] head;
    private final @Nullable Path rest;

    private RawMessage(byte[] head, @Nullable Path rest) {
        this.head = head;
        this.rest = rest;
    }

    /// Reads all of the stream.
    static RawMessage read(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream(CHUNK);
        byte[] chunk = new byte[CHUNK];
        int count;
        while (head.size() < MEMORY_MAX && (count = in.read(chunk)) >= 0) {
            head.write(chunk, 0, count);
        }
        if (head.size() < MEMORY_MAX) {
            return new RawMessage(head.toByteArray(), null);
        }
        Path rest = Files.createTempFile("sendmail", "");
        try (OutputStream out = Files.newOutputStream(rest)) {
            in.transferTo(out);
        } catch (IOException e) {
            Files.deleteIfExists(rest);
            throw e;
        }
        return new RawMessage(head.toByteArray(), rest);
    }

    /// Its bytes from the beginning.
    InputStream open() throws IOException {
        ByteArrayInputStream first = new ByteArrayInputStream(head);
        if (rest == null) {
            return first;
        }
        return new BufferedInputStream(
                new java.io.SequenceInputStream(first, Files.newInputStream(rest)), CHUNK);
    }

    /// Writes its bytes.
    void copyTo(OutputStream out) throws IOException {
        BufferedOutputStream buffered = new BufferedOutputStream(out, CHUNK);
        try (InputStream in = open()) {
            in.transferTo(buffered);
        }
        buffered.flush();
    }

    @Override
    public void close() {
        if (rest != null) {
            try {
                Files.deleteIfExists(rest);
            } catch (IOException _) {
                // the system clears its temporary directory
            }
        }
    }
}
