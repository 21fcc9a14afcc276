package smtpd.control.client;

import smtpd.core.mail.Idna;
import smtpd.core.smtp.ByteSink;
import smtpd.core.smtp.DotEncoder;
import smtpd.core.smtp.LineReader;
import smtpd.core.smtp.Reply;
import smtpd.core.smtp.ReplyReader;
import smtpd.core.smtp.Xtext;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// One message handed to the server over SMTP. One refused recipient refuses it all, so that a
/// caller knows who got it: everybody or nobody (OpenSMTPD: the same).
final class Submission {
    private final ReplyReader replies;
    private final OutputStream out;
    private final Trace trace;
    private final List<String> extensions = new ArrayList<>();

    /// Shown the dialogue.
    interface Trace {
        /// A line of either side, without its end.
        void line(String text);
    }

    /// The server did not take it.
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;
        private final boolean forGood;

        /// @param why the reply, or what happened
        /// @param forGood whether trying again makes no sense
        Refused(String why, boolean forGood) {
            super(why);
            this.forGood = forGood;
        }

        boolean isForGood() {
            return forGood;
        }
    }

    /// Writes the message to be sent.
    interface Content {
        /// Writes all of it to `out`.
        void write(ByteSink out) throws IOException;
    }

    Submission(InputStream in, OutputStream out, Trace trace) {
        replies = new ReplyReader(new LineReader(in, LineReader.LineEnds.CRLF_OR_LF));
        this.out = new BufferedOutputStream(out, 64 * 1024);
        this.trace = trace;
    }

    /// Greets, and returns the name the server gave itself.
    String hello() throws IOException, Refused {
        String greeting = expect(Reply.Kind.COMPLETED).text();
        extensions.addAll(command("EHLO localhost", Reply.Kind.COMPLETED).lines());
        int end = greeting.indexOf(' ');
        return end < 0 ? greeting : greeting.substring(0, end);
    }

    /// Sends the message.
    ///
    /// @param sender the reverse-path, empty for none
    /// @param recipients at least one
    void send(
            String sender,
            List<String> recipients,
            SendmailLine.Wishes wishes,
            boolean eightBit,
            Content content)
            throws IOException, Refused {
        // RFC 6531 §3.4
        boolean ascii = Idna.isAscii(sender) && recipients.stream().allMatch(Idna::isAscii);
        String utf8 = ascii || !offers("SMTPUTF8") ? "" : " SMTPUTF8";
        command(
                "MAIL FROM:<" + sender + ">" + mailWishes(wishes, eightBit) + utf8,
                Reply.Kind.COMPLETED);
        String rcptWishes =
                wishes.notifyOn().isEmpty() || !offers("DSN") ? "" : " NOTIFY=" + wishes.notifyOn();
        for (String recipient : recipients) {
            command("RCPT TO:<" + recipient + ">" + rcptWishes, Reply.Kind.COMPLETED);
        }
        command("DATA", Reply.Kind.INTERMEDIATE);
        DotEncoder dots = new DotEncoder();
        try {
            content.write((bytes, offset, length) -> dots.encode(bytes, offset, length, this::put));
            dots.finish(this::put);
            out.flush();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        expect(Reply.Kind.COMPLETED);
    }

    private void put(byte[] bytes, int offset, int length) {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String mailWishes(SendmailLine.Wishes wishes, boolean eightBit) {
        StringBuilder text = new StringBuilder();
        if (eightBit && offers("8BITMIME")) {
            text.append(" BODY=8BITMIME");
        }
        if (offers("DSN")) {
            if (!wishes.ret().isEmpty()) {
                text.append(" RET=").append(wishes.ret());
            }
            if (!wishes.envid().isEmpty()) {
                text.append(" ENVID=").append(Xtext.encode(wishes.envid()));
            }
        }
        return text.toString();
    }

    private boolean offers(String extension) {
        for (String line : extensions) {
            String keyword = line.split(" ", 2)[0];
            if (keyword.toUpperCase(Locale.ROOT).equals(extension)) {
                return true;
            }
        }
        return false;
    }

    /// Ends the session; the message is with the server whatever happens now.
    void quit() {
        try {
            command("QUIT", Reply.Kind.COMPLETED);
        } catch (IOException | Refused _) {
            trace.line("(closed)");
        }
    }

    private Reply command(String line, Reply.Kind wanted) throws IOException, Refused {
        trace.line(">>> " + line);
        out.write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
        return expect(wanted);
    }

    private Reply expect(Reply.Kind wanted) throws IOException, Refused {
        Reply reply =
                switch (replies.read()) {
                    case ReplyReader.Result.Complete(Reply complete) -> complete;
                    case ReplyReader.Result.Broken(String reason) ->
                            throw new Refused(reason, false);
                    case ReplyReader.Result.Closed _ ->
                            throw new Refused("the server closed the connection", false);
                };
        trace.line("<<< " + reply.line());
        if (reply.kind() != wanted) {
            throw new Refused(reply.line(), reply.kind() == Reply.Kind.PERMANENT);
        }
        return reply;
    }
}
