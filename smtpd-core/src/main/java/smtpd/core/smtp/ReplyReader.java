package smtpd.core.smtp;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Reads the replies of a server (RFC 5321 §4.2), which may be anything.
///
/// Bounded in the length and in the number of lines; text comes out printable. LF alone is taken as
/// a line end, since nothing can be smuggled past a client that waits for each reply. What is no
/// reply is [Broken], to be treated as "not now" and the end of the session.
public final class ReplyReader {
    /// Longest line in octets. RFC 5321 §4.5.3.1.5 allows 512; some servers write more.
    public static final int LINE_MAX = 2048;

    /// Most lines of one reply: no EHLO answer is near it.
    public static final int LINES_MAX = 100;

    private static final int SHOWN_MAX = 100;

    private final LineReader lines;
    private final @Nullable Consumer<String> heard;

    /// A reader of the replies that `lines` brings, preferably one that takes LF as a line end.
    public ReplyReader(LineReader lines) {
        this(lines, null);
    }

    /// As the other.
    ///
    /// @param heard told each line as it comes, with nothing made printable; null for nobody
    public ReplyReader(LineReader lines, @Nullable Consumer<String> heard) {
        this.lines = lines;
        this.heard = heard;
    }

    /// What came.
    public sealed interface Result {
        /// A whole reply.
        record Complete(Reply reply) implements Result {}

        /// Not a reply; the stream is of no further use.
        ///
        /// @param reason why, with the offending text, printable and bounded
        record Broken(String reason) implements Result {}

        /// The server closed the connection.
        record Closed() implements Result {}
    }

    /// Reads one reply. Blocks; throws what the stream throws.
    public Result read() throws IOException {
        Collector collector = new Collector();
        while (true) {
            switch (lines.readLine(LINE_MAX)) {
                case LineReader.Read.Line line -> {
                    if (heard != null) {
                        heard.accept(Collector.decode(line.bytes()));
                    }
                    Step step = collector.line(line.bytes());
                    if (step instanceof Step.Done done) {
                        return done.result();
                    }
                }
                case LineReader.Read.TooLong _ -> {
                    return new Result.Broken("reply line longer than " + LINE_MAX + " octets");
                }
                case LineReader.Read.BareLf _ -> {
                    return new Result.Broken("bare LF in reply");
                }
                case LineReader.Read.BareCr _ -> {
                    return new Result.Broken("bare CR in reply");
                }
                case LineReader.Read.Eof eof -> {
                    return eof.unfinished() == 0 && collector.isEmpty()
                            ? new Result.Closed()
                            : new Result.Broken("connection closed within a reply");
                }
            }
        }
    }

    /// What a line means for the reply it belongs to.
    sealed interface Step {
        /// More lines follow.
        record More() implements Step {}

        /// The reply ends here.
        record Done(Result result) implements Step {}
    }

    /// The lines of one reply as they come.
    static final class Collector {
        private static final Step MORE = new Step.More();

        private final List<String> texts = new ArrayList<>();
        private int code;

        boolean isEmpty() {
            return texts.isEmpty();
        }

        /// Takes one line without its end.
        Step line(Bytes bytes) {
            String text = Printable.line(decode(bytes));
            int found = Reply.codeOf(text);
            if (found < 0) {
                return broken("not a reply code", text);
            }
            if (!texts.isEmpty() && found != code) {
                return broken("codes differ within a reply", text);
            }
            char mark = text.length() > 3 ? text.charAt(3) : ' ';
            if (mark != ' ' && mark != '-') {
                return broken("no blank after the reply code", text);
            }
            code = found;
            texts.add(text.length() > 4 ? text.substring(4) : "");
            if (mark == ' ') {
                return new Step.Done(new Result.Complete(Reply.received(code, texts)));
            }
            return texts.size() < LINES_MAX
                    ? MORE
                    : broken("more than " + LINES_MAX + " lines in a reply", text);
        }

        private static String decode(Bytes bytes) {
            return Printable.decode(bytes.array(), bytes.offset(), bytes.length());
        }

        private static Step broken(String reason, String text) {
            return new Step.Done(
                    new Result.Broken(reason + ": " + Printable.escape(text, SHOWN_MAX)));
        }
    }
}
