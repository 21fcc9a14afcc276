package smtpd.lka.table.proc;

import org.jspecify.annotations.Nullable;

import smtpd.core.sys.Descriptors;
import smtpd.core.sys.FdSocket;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// The lines that come out of a socket.
final class Lines {
    /// The longest line in bytes: a mailing list of ten thousand members.
    static final int LINE_MAX = 1 << 20;

    private static final int BUFFER = 1 << 14;

    private final FdSocket socket;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER).limit(0);

    Lines(FdSocket socket) {
        this.socket = socket;
    }

    /// The next line without its end; null at the end of the stream, where a line without an end
    /// does not count. Blocks the platform thread.
    ///
    /// @throws IOException if the line is too long
    @Nullable String next() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            while (buffer.hasRemaining()) {
                byte next = buffer.get();
                if (next == '\n') {
                    return line.toString(StandardCharsets.UTF_8);
                }
                if (line.size() >= LINE_MAX) {
                    throw new IOException("it wrote a line longer than " + LINE_MAX);
                }
                line.write(next);
            }
            buffer.clear();
            // a program has no descriptors to give
            int count = socket.receive(buffer, Descriptors::close);
            buffer.flip();
            if (count < 0) {
                buffer.limit(0);
                return null;
            }
        }
    }
}
