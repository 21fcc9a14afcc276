package smtpd.core.smtp;

import smtpd.core.mail.Bytes;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Objects;

/// Reads command and reply lines, and raw bytes in between, from one stream.
///
/// Only CRLF ends a line (RFC 5321 §2.3.8). Memory is bounded by the limit given with each line;
/// the buffer shrinks again after a long one, so that an idle session stays small.
public final class LineReader {
    /// Longest command line in octets without CRLF. OpenSMTPD: 2048; RFC 5321 §4.5.3.1.4 asks for
    /// at least 512.
    public static final int COMMAND_MAX = 2048;

    /// Longest line in an AUTH exchange (RFC 4954 §4.5.1).
    public static final int AUTH_MAX = 12288;

    /// How much of an over-long line is discarded in the hope for its end before we give up.
    public static final int DISCARD_MAX = 65536;

    private static final int BUFFER = 1024;

    private final InputStream in;
    private final LineEnds lineEnds;
    private byte[] buffer = new byte[BUFFER];
    private int start;
    private int end;

    /// A reader of `in` that takes only CRLF as a line end.
    public LineReader(InputStream in) {
        this(in, LineEnds.CRLF);
    }

    /// A reader of `in` with its own idea of line ends.
    public LineReader(InputStream in, LineEnds lineEnds) {
        this.in = in;
        this.lineEnds = lineEnds;
    }

    /// What ends a line.
    public enum LineEnds {
        /// CRLF only; a bare CR or LF is an error.
        CRLF,
        /// CRLF or LF; for listeners with clients known to be broken, and for replies of servers.
        CRLF_OR_LF
    }

    /// What was read.
    public sealed interface Read {
        /// A line.
        ///
        /// @param bytes without the line end; the caller's own
        record Line(Bytes bytes) implements Read {}

        /// A line over the limit. With `resumable` its end was found and the next line can be read;
        /// without, the session must be closed.
        ///
        /// @param resumable whether the rest of the line was discarded up to its end
        record TooLong(boolean resumable) implements Read {}

        /// An LF that no CR precedes; it and what precedes it are consumed.
        ///
        /// @param bytes what precedes the LF
        record BareLf(Bytes bytes) implements Read {}

        /// A CR that no LF follows; it and what precedes it are consumed.
        ///
        /// @param bytes what precedes the CR
        record BareCr(Bytes bytes) implements Read {}

        /// The stream is at its end.
        ///
        /// @param unfinished octets of a line without an end, which are dropped
        record Eof(int unfinished) implements Read {}
    }

    /// Reads one line of at most `max` octets without its end. Blocks; throws what the stream
    /// throws.
    public Read readLine(int max) throws IOException {
        int scanned = 0;
        while (true) {
            int at = control(start + scanned);
            if (at - start > max) {
                return tooLong();
            }
            if (at < end && buffer[at] == '\n') {
                Read line =
                        lineEnds == LineEnds.CRLF
                                ? new Read.BareLf(taken(at))
                                : new Read.Line(taken(at));
                consume(at + 1);
                return line;
            }
            if (at + 1 < end) {
                return afterCr(at);
            }
            // Either nothing to stop at, or a CR as the last byte: scan from it again.
            scanned = at - start;
            if (!fill(max + 2)) {
                int unfinished = end - start;
                consume(end);
                return new Read.Eof(unfinished);
            }
        }
    }

    private Read afterCr(int at) {
        Bytes bytes = taken(at);
        boolean line = buffer[at + 1] == '\n';
        consume(line ? at + 2 : at + 1);
        return line ? new Read.Line(bytes) : new Read.BareCr(bytes);
    }

    /// Where the first CR or LF from `from` is; [#end] if there is none.
    private int control(int from) {
        int i = from;
        while (i < end && buffer[i] != '\n' && buffer[i] != '\r') {
            i++;
        }
        return i;
    }

    private Bytes taken(int to) {
        return Bytes.of(Arrays.copyOfRange(buffer, start, to));
    }

    private Read tooLong() throws IOException {
        int discarded = 0;
        boolean cr = false;
        while (discarded <= DISCARD_MAX) {
            for (int i = start; i < end; i++) {
                if (buffer[i] == '\n' && (cr || lineEnds == LineEnds.CRLF_OR_LF)) {
                    consume(i + 1);
                    return new Read.TooLong(true);
                }
                cr = buffer[i] == '\r';
            }
            discarded += end - start;
            consume(end);
            if (!fill(BUFFER)) {
                break;
            }
        }
        return new Read.TooLong(false);
    }

    /// Reads more, growing the buffer up to `want` octets from [#start]; false at the end of the
    /// stream.
    private boolean fill(int want) throws IOException {
        if (start > 0) {
            System.arraycopy(buffer, start, buffer, 0, end - start);
            end -= start;
            start = 0;
        }
        if (end == buffer.length) {
            int larger = Math.min(Math.max(want, buffer.length + 1), buffer.length * 2);
            buffer = Arrays.copyOf(buffer, larger);
        }
        int count = in.read(buffer, end, buffer.length - end);
        end += Math.max(count, 0);
        return count >= 0;
    }

    private void consume(int to) {
        start = to;
        if (start == end) {
            start = 0;
            end = 0;
            if (buffer.length > BUFFER) {
                buffer = new byte[BUFFER];
            }
        }
    }

    /// How many bytes were received and not yet read: more than 0 after a command means pipelining.
    public int buffered() {
        return end - start;
    }

    /// Whether a line end is among the buffered bytes: the next line can be read without blocking.
    public boolean lineBuffered() {
        for (int i = start; i < end; i++) {
            if (buffer[i] == '\n') {
                return true;
            }
        }
        return false;
    }

    /// Up to `length` raw bytes into `into`: the buffered ones first, then straight from the
    /// stream. Returns how many, or -1 at the end of the stream.
    public int read(byte[] into, int offset, int length) throws IOException {
        int count = Math.min(length, end - start);
        if (count == 0) {
            return in.read(into, offset, length);
        }
        System.arraycopy(buffer, start, into, offset, count);
        consume(start + count);
        return count;
    }

    /// Puts back bytes that [#read] gave and that belong to what comes next, in front of what is
    /// buffered.
    public void unread(byte[] bytes, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (length == 0) {
            return;
        }
        int kept = end - start;
        byte[] joined = new byte[Math.max(BUFFER, kept + length)];
        System.arraycopy(bytes, offset, joined, 0, length);
        System.arraycopy(buffer, start, joined, length, kept);
        buffer = joined;
        start = 0;
        end = kept + length;
    }

    /// Forgets what is buffered and returns how many bytes that was.
    public int discardBuffered() {
        int count = end - start;
        consume(end);
        return count;
    }
}
