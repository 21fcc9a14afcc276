package smtpd.core.smtp;

/// The byte machine that makes a message fit to follow DATA (RFC 5321 §4.5.2), over whatever pieces
/// it comes in: a dot that begins a line is doubled, each line ends in CRLF, and the end is marked.
///
/// A bare CR or LF is written as CRLF (RFC 5321 §2.3.8 forbids to send one), so that no byte of a
/// message can end it for a server that is less strict than we are.
public final class DotEncoder {
    private static final byte[] CR = {'\r'};
    private static final byte[] LF = {'\n'};
    private static final byte[] DOT = {'.'};
    private static final byte[] CRLF = {'\r', '\n'};
    private static final byte[] END = {'.', '\r', '\n'};

    private State state = State.LINE;
    private long size;

    private enum State {
        LINE,
        TEXT,
        CR,
        DONE
    }

    /// Takes `length` bytes of the message and writes them fit for the wire to `out`.
    public void encode(byte[] in, int offset, int length, ByteSink out) {
        int end = offset + length;
        int from = offset;
        int at = offset;
        while (at < end) {
            switch (state) {
                case LINE -> {
                    if (in[at] == '.') {
                        emit(in, from, at, out);
                        from = at;
                        emit(DOT, 0, 1, out);
                    }
                    state = State.TEXT;
                }
                case TEXT -> {
                    at = Octets.control(in, at, end);
                    if (at < end) {
                        if (in[at] == '\n') {
                            emit(in, from, at, out);
                            from = at;
                            emit(CR, 0, 1, out);
                            state = State.LINE;
                        } else if (in[at] == '\r') {
                            state = State.CR;
                        }
                        at++;
                    }
                }
                case CR -> {
                    if (in[at] == '\n') {
                        at++;
                    } else {
                        emit(in, from, at, out);
                        from = at;
                        emit(LF, 0, 1, out);
                    }
                    state = State.LINE;
                }
                case DONE -> throw new IllegalStateException("bytes after the end");
            }
        }
        emit(in, from, at, out);
    }

    /// Ends the message: the end of its last line where that is missing, and the dot on a line of
    /// its own.
    public void finish(ByteSink out) {
        switch (state) {
            case LINE -> {}
            case TEXT -> emit(CRLF, 0, 2, out);
            case CR -> emit(LF, 0, 1, out);
            case DONE -> throw new IllegalStateException("ended twice");
        }
        emit(END, 0, 3, out);
        state = State.DONE;
    }

    private void emit(byte[] bytes, int from, int to, ByteSink out) {
        if (to > from) {
            size += to - from;
            out.write(bytes, from, to - from);
        }
    }

    /// Octets written so far.
    public long size() {
        return size;
    }
}
