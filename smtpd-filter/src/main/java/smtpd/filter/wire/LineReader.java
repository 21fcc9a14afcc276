package smtpd.filter.wire;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/// The lines of a stream, as bytes.
public final class LineReader {
    /// The longest line in bytes: a line of content (65,535 in OpenSMTPD) with what stands before
    /// it, and room for a server that allows more.
    public static final int LINE_MAX = 1 << 18;

    private static final int BUFFER = 1 << 16;

    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER];
    private int at;
    private int end;

    /// Reads from a stream.
    public LineReader(InputStream in) {
        this.in = in;
    }

    /// The next line without its end; null at the end of the stream, where a line without an end
    /// does not count.
    public byte @Nullable [] next() throws IOException, ProtocolException {
        ByteArrayOutputStream begun = new ByteArrayOutputStream(0);
        while (true) {
            for (int i = at; i < end; i++) {
                if (buffer[i] == '\n') {
                    begun.write(buffer, at, i - at);
                    at = i + 1;
                    return begun.toByteArray();
                }
            }
            begun.write(buffer, at, end - at);
            if (begun.size() > LINE_MAX) {
                throw new ProtocolException("a line longer than " + LINE_MAX + " bytes");
            }
            at = 0;
            end = Math.max(0, in.read(buffer));
            if (end == 0) {
                return null;
            }
        }
    }
}
