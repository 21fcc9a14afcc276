package smtpd.lka.filter;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// One message on its way through the programs that edit it, one after the other. Nothing of it is
/// kept longer than it takes the next one to take it.
///
/// # Limits
///
/// In front of the first program: what smtp may be ahead. Between two programs and behind the last:
/// [#HELD_MAX], beyond which the program that brings it is not heard any more.
final class Edit {
    /// Octets that wait behind one program.
    static final int HELD_MAX = 256 * 1024;

    /// How long smtp may take nothing.
    private static final Duration STUCK = Duration.ofMinutes(1);

    private static final byte[] CRLF = {'\r', '\n'};
    private static final String END = ".";

    private final long content;
    private final FilterSession session;
    private final List<Stage> stages = new ArrayList<>();
    private final ArrayDeque<Bytes> input = new ArrayDeque<>();
    private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private long window;
    private boolean inputEnded;
    private boolean outputEnded;
    private boolean unwanted;
    private String failure = "";
    private Instant moved;

    /// One program's part.
    static final class Stage {
        private final Edit edit;
        private final int index;
        private final FilterProgram program;
        private final long token;
        private final Duration patience;
        private final ArrayDeque<String> waiting = new ArrayDeque<>();
        private int waitingOctets;
        private boolean ended;
        private boolean queued;
        private Instant moved;

        Stage(Edit edit, FilterProgram program, long token, Duration patience) {
            this.edit = edit;
            this.index = edit.stages.size();
            this.program = program;
            this.token = token;
            this.patience = patience;
            this.moved = edit.moved;
            edit.stages.add(this);
        }

        Edit edit() {
            return edit;
        }

        FilterProgram program() {
            return program;
        }

        long token() {
            return token;
        }

        /// Whether it has had everything and says nothing any more.
        boolean isLate(Instant now) {
            return ended && now.isAfter(moved.plus(patience));
        }

        /// Ends a program that has said nothing at all since it had everything.
        void endIfItHangs() {
            if (!program.heard().isAfter(moved)) {
                program.end("hangs");
            }
        }

        private boolean isFirst() {
            return index == 0;
        }

        private boolean hasWork() {
            return isFirst()
                    ? !edit.input.isEmpty() || (edit.inputEnded && !ended)
                    : !waiting.isEmpty();
        }

        /// Queues it at its program if there is something for it.
        void enqueue() {
            if (!queued && hasWork()) {
                queued = true;
                program.hungry().add(this);
            }
        }

        /// Gives its program a piece.
        ///
        /// @param say takes one line
        /// @return octets of smtp's that were dealt with
        int feed(Instant now, Consumer<String> say) {
            queued = false;
            moved = now;
            int credit = 0;
            if (isFirst()) {
                credit = edit.decode(line -> give(line, say));
            } else {
                for (int octets = 0; octets < 1 << 14 && !waiting.isEmpty(); ) {
                    String line = waiting.remove();
                    octets += line.length();
                    waitingOctets -= line.length();
                    give(line, say);
                }
                if (waitingOctets <= HELD_MAX / 2) {
                    edit.stages.get(index - 1).program.release(edit);
                }
            }
            enqueue();
            return credit;
        }

        private void give(String line, Consumer<String> say) {
            ended |= line.equals(END);
            say.accept(line);
        }
    }

    /// @param content its number
    /// @param session where it comes from
    /// @param window octets that smtp takes without giving any back
    Edit(long content, FilterSession session, int window, Instant now) {
        this.content = content;
        this.session = session;
        this.window = window;
        moved = now;
    }

    long content() {
        return content;
    }

    FilterSession session() {
        return session;
    }

    List<Stage> stages() {
        return stages;
    }

    /// The next piece of the message.
    void put(Bytes part) {
        input.add(part);
        begin();
    }

    /// The message is complete.
    void endInput(boolean wanted) {
        inputEnded = true;
        unwanted |= !wanted;
        begin();
    }

    private void begin() {
        if (!stages.isEmpty()) {
            stages.getFirst().enqueue();
        }
    }

    /// Takes one piece apart into lines with dots doubled; returns its octets.
    private int decode(Consumer<String> lines) {
        Bytes part = input.poll();
        if (part != null) {
            byte[] bytes = part.array();
            int from = part.offset();
            int end = from + part.length();
            for (int at = from; at < end; at++) {
                if (bytes[at] == '\n') {
                    partial.write(bytes, from, at - from);
                    lines.accept(line());
                    from = at + 1;
                }
            }
            partial.write(bytes, from, end - from);
            if (partial.size() > FilterProtocol.LINE_MAX) {
                fail("a line of the message is too long");
            }
        }
        if (input.isEmpty() && inputEnded) {
            if (partial.size() > 0) {
                lines.accept(line());
            }
            lines.accept(END);
        }
        return part == null ? 0 : part.length();
    }

    private String line() {
        String line = partial.toString(StandardCharsets.ISO_8859_1);
        partial.reset();
        String bare = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
        return bare.startsWith(".") ? "." + bare : bare;
    }

    /// What passes through when no program is left to edit it; octets dealt with.
    int passThrough() {
        int credit = 0;
        while (!outputEnded && output.size() < HELD_MAX && (!input.isEmpty() || inputEnded)) {
            credit += decode(line -> out(line));
        }
        return credit;
    }

    /// A program sends a line.
    void heard(Stage stage, String raw, Instant now) {
        stage.moved = now;
        String line = raw.endsWith("\r") ? raw.substring(0, raw.length() - 1) : raw;
        if (line.equals(END) && !stage.ended) {
            fail(stage.program.shown() + " ended it before its end");
        } else if (line.indexOf('\r') >= 0 || line.indexOf('\0') >= 0) {
            fail(stage.program.shown() + " sent a CR or NUL within a line");
        } else if (stage.index + 1 == stages.size()) {
            out(line);
            if (output.size() > HELD_MAX && !unwanted) {
                stage.program.hold(this);
            }
        } else {
            Stage next = stages.get(stage.index + 1);
            next.waiting.add(line);
            next.waitingOctets += line.length();
            next.enqueue();
            if (next.waitingOctets > HELD_MAX) {
                stage.program.hold(this);
            }
        }
    }

    private void out(String line) {
        if (line.equals(END)) {
            outputEnded = true;
        } else if (!unwanted) {
            byte[] bytes = line.getBytes(StandardCharsets.ISO_8859_1);
            int from = line.startsWith(".") ? 1 : 0;
            output.write(bytes, from, bytes.length - from);
            output.writeBytes(CRLF);
        }
    }

    /// The next piece for smtp, as far as it takes any; null for none.
    @Nullable Bytes take(int max) {
        int count = (int) Math.min(Math.min(max, window), output.size());
        if (count == 0 || unwanted) {
            return null;
        }
        byte[] all = output.toByteArray();
        output.reset();
        output.write(all, count, all.length - count);
        window -= count;
        return Bytes.of(all, 0, count);
    }

    /// Whether smtp has left everything where it is for too long.
    boolean isStuck(Instant now) {
        return output.size() > HELD_MAX / 2 && now.isAfter(moved.plus(STUCK));
    }

    /// smtp has dealt with some.
    void give(int octets, Instant now) {
        moved = now;
        window += Math.max(0, octets);
    }

    /// Lets the last program be heard again if there is room for what it says.
    void relieve() {
        if (output.size() <= HELD_MAX / 2 && !stages.isEmpty()) {
            stages.getLast().program.release(this);
        }
    }

    /// Octets that wait for smtp.
    int held() {
        return output.size();
    }

    /// Whether everything has come out.
    boolean isComplete() {
        return outputEnded && (unwanted || output.size() == 0);
    }

    boolean isUnwanted() {
        return unwanted;
    }

    /// It cannot come to its end.
    void fail(String why) {
        if (failure.isEmpty()) {
            failure = why;
        }
    }

    /// Why it cannot; empty while it can.
    String failure() {
        return failure;
    }

    /// It is over: nothing of it holds anybody back.
    void close() {
        for (Stage stage : stages) {
            stage.program.hungry().remove(stage);
            stage.program.release(this);
        }
        input.clear();
    }
}
