package smtpd.mta;

import smtpd.core.smtp.ByteSink;
import smtpd.core.smtp.LineReader;
import smtpd.core.smtp.Reply;
import smtpd.core.smtp.ReplyReader;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Commands out, replies in, over one transport. Bounded in every direction: whatever a server does
/// ends in a [Reply] or a [SessionEnd].
final class Dialogue implements ByteSink {
    /// Unsent bytes above which they are sent.
    private static final int SEND_AT = 64 * 1024;

    private final Transport transport;
    private final Phase.Patience patience;
    private final Ear ear;
    private final LineReader lines;
    private final ReplyReader replies;
    private byte[] unsent = new byte[1024];
    private int length;

    Dialogue(Transport transport, Phase.Patience patience, Ear ear) {
        this.transport = transport;
        this.patience = patience;
        this.ear = ear;
        lines = new LineReader(transport.in(), LineReader.LineEnds.CRLF_OR_LF);
        replies = new ReplyReader(lines, ear.isDeaf() ? null : ear::heard);
    }

    /// Adds a command line, sent with the next [#flush].
    void command(String line) {
        ear.said(line);
        line(line);
    }

    /// As [#command], for a line with secrets.
    ///
    /// @param verb what of it may be shown, with the blank that follows; or empty
    void secret(String verb, String rest) {
        ear.saidSecret(verb);
        line(verb + rest);
    }

    private void line(String line) {
        byte[] bytes = (line + "\r\n").getBytes(StandardCharsets.UTF_8);
        write(bytes, 0, bytes.length);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) {
        if (length + count > unsent.length) {
            unsent = Arrays.copyOf(unsent, Math.max(length + count, unsent.length * 2));
        }
        System.arraycopy(bytes, offset, unsent, length, count);
        length += count;
    }

    /// Sends what was added if it has become much.
    void flushIfMuch(Phase phase) throws SessionEnd {
        if (length >= SEND_AT) {
            flush(phase);
        }
    }

    /// Sends what was added.
    void flush(Phase phase) throws SessionEnd {
        try {
            transport.write(unsent, 0, length);
        } catch (SocketTimeoutException _) {
            throw network(phase, "Timeout while sending");
        } catch (IOException e) {
            throw lost(phase, e);
        }
        length = 0;
        if (unsent.length > SEND_AT) {
            unsent = new byte[1024];
        }
    }

    /// Reads one reply. 421 ends the session wherever it comes (RFC 5321 §3.8).
    Reply reply(Phase phase) throws SessionEnd {
        Reply reply = replyOrFarewell(phase);
        if (reply.code() == 421) {
            throw new SessionEnd(new RouteVerdict.Refused(reply.line()), phase, reply.line());
        }
        return reply;
    }

    private Reply replyOrFarewell(Phase phase) throws SessionEnd {
        ear.awaits();
        transport.deadline(patience.of(phase));
        try {
            return switch (replies.read()) {
                case ReplyReader.Result.Complete complete -> complete.reply();
                case ReplyReader.Result.Closed _ ->
                        throw network(phase, "Connection closed unexpectedly");
                case ReplyReader.Result.Broken broken -> throw broken(phase, broken.reason());
            };
        } catch (SocketTimeoutException _) {
            ear.timeout();
            throw network(phase, "Timeout");
        } catch (IOException e) {
            throw lost(phase, e);
        }
    }

    /// Who hears what is said.
    Ear ear() {
        return ear;
    }

    /// Makes sure that the server said no more than it was asked.
    void expectNoMore(Phase phase) throws SessionEnd {
        if (lines.buffered() > 0) {
            throw outOfStep(phase, "more replies than commands");
        }
    }

    /// Whether the server said something that was not read yet.
    boolean hasMore() {
        return lines.buffered() > 0;
    }

    private static SessionEnd lost(Phase phase, IOException e) {
        String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return network(phase, "IO Error: " + why);
    }

    static SessionEnd network(Phase phase, String reason) {
        return new SessionEnd(new RouteVerdict.Network(reason), phase, reason);
    }

    static SessionEnd broken(Phase phase, String reason) {
        return new SessionEnd(
                new RouteVerdict.Broken(reason, RouteVerdict.Step.IN_STEP), phase, reason);
    }

    static SessionEnd outOfStep(Phase phase, String reason) {
        String text = "Replies out of step: " + reason;
        return new SessionEnd(
                new RouteVerdict.Broken(text, RouteVerdict.Step.OUT_OF_STEP), phase, text);
    }
}
