package smtpd.core.smtp;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/// The byte machine behind DATA and BDAT: judges the lines of a message over whatever pieces its
/// bytes arrive in. For DATA it takes away the dots of RFC 5321 §4.5.2 and finds the end; the
/// chunks of BDAT (RFC 3030 §2) have neither.
///
/// Only CRLF.CRLF ends a message (and .CRLF right at its start). A bare CR or LF never ends a line,
/// so nothing behind one is mistaken for the end or for a command; it is reported as a [Flaw]. With
/// [Bare#TO_CRLF] it is also written out as CRLF; what follows is still the same line to this
/// machine. Only [Bare#LF_ENDS] takes LF for the end of a line.
///
/// ## State
///
/// `LINE` start of a line · `DOT` a dot began the line and was dropped · `DOT_CR` and a CR came
/// behind it, held back · `TEXT` within a line · `CR` after a CR within a line · `DONE`.
public final class DotDecoder {
    /// Longest line in octets without CRLF (RFC 5322 §2.1.1, RFC 5321 §4.5.3.1.6).
    public static final int LINE_MAX = 998;

    /// Longest line anyone may send us. OpenSMTPD: 65535.
    public static final int LINE_HARD_MAX = 65535;

    private static final byte[] CR = {'\r'};
    private static final byte[] LF = {'\n'};

    private static final byte[] CRLF = {'\r', '\n'};

    private final Bare bare;
    private final Framing framing;
    private final EnumSet<Flaw> flaws = EnumSet.noneOf(Flaw.class);
    private State state = State.LINE;
    private long size;
    private long lineLength;

    /// A machine at the start of a message after DATA.
    public DotDecoder(Bare bare) {
        this(bare, Framing.DOTS);
    }

    /// A machine at the start of a message.
    public DotDecoder(Bare bare, Framing framing) {
        this.bare = bare;
        this.framing = framing;
    }

    /// How the end of a message is told.
    public enum Framing {
        /// By a line of one dot; dots that begin a line are doubled.
        DOTS,
        /// By whoever counts the octets: see [DotDecoder#finish].
        COUNTED
    }

    /// What is written for a bare CR or LF.
    public enum Bare {
        /// The byte itself: the message will be refused, or is wanted as it is.
        KEEP,
        /// CRLF.
        TO_CRLF,
        /// CRLF for an LF, which is the end of a line like any other and no flaw: for clients known
        /// to be broken. A CR as it is.
        LF_ENDS
    }

    /// What is wrong with a message; decided upon by the caller.
    public enum Flaw {
        /// A CR that no LF follows.
        BARE_CR,
        /// An LF that no CR precedes.
        BARE_LF,
        /// A NUL octet.
        NUL,
        /// A line over [#LINE_MAX].
        LONG_LINE,
        /// A line over [#LINE_HARD_MAX].
        HUGE_LINE
    }

    private enum State {
        LINE,
        DOT,
        DOT_CR,
        TEXT,
        CR,
        DONE
    }

    /// Takes `length` bytes and writes what they mean to `out`. Returns how many were used: fewer
    /// than `length` only when the message ended, what remains belongs to the next command.
    public int decode(byte[] in, int offset, int length, ByteSink out) {
        int end = offset + length;
        // Bytes before `from` are written or dropped; those up to `at` are understood.
        int from = offset;
        int at = offset;
        while (at < end && state != State.DONE) {
            if (state == State.TEXT) {
                int stop = Octets.control(in, at, end);
                lineLength += stop - at;
                at = stop;
                if (at < end) {
                    from = control(in, from, at, out);
                    at++;
                }
            } else if (state == State.CR && in[at] == '\n') {
                checkLine();
                lineLength = 0;
                state = State.LINE;
                at++;
            } else if (state == State.LINE && (framing == Framing.COUNTED || in[at] != '.')) {
                state = State.TEXT;
            } else {
                emit(in, from, at, out);
                at += edge(in[at], out) ? 1 : 0;
                from = at;
            }
        }
        emit(in, from, at, out);
        checkLine();
        return at - offset;
    }

    /// The last octet was given, of a message whose end nothing marks: writes the end of its last
    /// line where that is missing, which a CR alone is not.
    public void finish(ByteSink out) {
        if (state == State.CR) {
            bareCr(out);
        }
        if (state == State.TEXT) {
            emit(CRLF, 0, 2, out);
        }
        state = State.DONE;
    }

    /// A byte that is dropped for its place (true), or that proves the CR before it bare (false: it
    /// is still to be looked at).
    private boolean edge(byte octet, ByteSink out) {
        if (state == State.LINE) {
            state = State.DOT;
            return true;
        }
        if (state == State.DOT) {
            if (octet == '\n' && bare == Bare.LF_ENDS) {
                state = State.DONE;
                return true;
            }
            state = octet == '\r' ? State.DOT_CR : State.TEXT;
            return octet == '\r';
        }
        if (state == State.DOT_CR) {
            if (octet == '\n') {
                state = State.DONE;
                return true;
            }
            emit(CR, 0, 1, out);
        }
        bareCr(out);
        return false;
    }

    /// A CR, LF or NUL within a line; returns from where the bytes are still to be written.
    private int control(byte[] in, int from, int at, ByteSink out) {
        if (in[at] == '\r') {
            state = State.CR;
            return from;
        }
        lineLength++;
        if (in[at] == 0) {
            flaws.add(Flaw.NUL);
            return from;
        }
        if (bare == Bare.LF_ENDS) {
            lineLength--;
            checkLine();
            lineLength = 0;
            state = State.LINE;
        } else {
            flaws.add(Flaw.BARE_LF);
            if (bare == Bare.KEEP) {
                return from;
            }
        }
        emit(in, from, at, out);
        emit(CR, 0, 1, out);
        return at;
    }

    /// The CR before was written and turns out to be bare.
    private void bareCr(ByteSink out) {
        flaws.add(Flaw.BARE_CR);
        lineLength++;
        state = State.TEXT;
        if (bare == Bare.TO_CRLF) {
            emit(LF, 0, 1, out);
        }
    }

    private void checkLine() {
        if (lineLength > LINE_MAX) {
            flaws.add(Flaw.LONG_LINE);
        }
        if (lineLength > LINE_HARD_MAX) {
            flaws.add(Flaw.HUGE_LINE);
        }
    }

    private void emit(byte[] bytes, int from, int to, ByteSink out) {
        if (to > from) {
            size += to - from;
            out.write(bytes, from, to - from);
        }
    }

    /// Whether the end of the message was seen.
    public boolean done() {
        return state == State.DONE;
    }

    /// What is wrong so far, in the order of the enum; a live view.
    public Set<Flaw> flaws() {
        return Collections.unmodifiableSet(flaws);
    }

    /// Octets written so far: the size of the message once [#done].
    public long size() {
        return size;
    }
}
