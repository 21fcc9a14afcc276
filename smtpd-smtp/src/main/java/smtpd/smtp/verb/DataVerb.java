package smtpd.smtp.verb;

import smtpd.core.imsg.FilterEvent;
import smtpd.core.imsg.FilterPhase;
import smtpd.core.smtp.Command;
import smtpd.core.smtp.DotDecoder.Framing;
import smtpd.core.smtp.LineReader;
import smtpd.core.smtp.Reply;
import smtpd.smtp.protocol.Facts;
import smtpd.smtp.protocol.Filters;
import smtpd.smtp.protocol.Hook;
import smtpd.smtp.protocol.Inflow;
import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Step;
import smtpd.smtp.protocol.Talk;
import smtpd.smtp.protocol.Verb;

import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// DATA (RFC 5321 §4.1.1.4): receives the content and makes the mail durable. A mail that will not
/// be accepted is read to its end all the same; the transaction is over in any case.
final class DataVerb extends Verb<Phase.InTransaction, Command.Data> {
    /// Bytes read at a time at first, and once they keep coming.
    private static final int READ_FIRST = 4096;

    private static final int READ_MORE = 32 * 1024;

    DataVerb() {
        super("DATA", Phase.InTransaction.class, Command.Data.class);
    }

    @Override
    protected Optional<Reply> check(Facts facts, Phase.InTransaction phase, Command.Data data) {
        if (phase.tx().allRefused()) {
            return Optional.of(Replies.NO_VALID_RCPTS);
        }
        return phase.tx().recipients().isEmpty()
                ? Optional.of(Replies.OUT_OF_ORDER)
                : Optional.empty();
    }

    @Override
    protected Optional<Hook> hook(Phase.InTransaction phase, Command.Data data) {
        return Optional.of(Hook.of(FilterPhase.DATA));
    }

    @Override
    protected void report(Filters filters, Phase phase, Command command, Reply reply) {
        Acceptance.report(filters, phase, reply);
    }

    /// Lets the content come; waits while too many sessions receive some.
    @Override
    protected Step proceed(Talk talk, Phase.InTransaction phase, Command.Data data)
            throws IOException {
        Optional<Inflow> content = Content.open(talk.facts(), phase, Framing.DOTS);
        if (content.isEmpty()) {
            report(talk.facts().filters(), phase, data, Replies.BUSY);
            return refuse(talk, phase, data, Replies.BUSY);
        }
        try (Inflow inflow = content.get()) {
            Acceptance.report(talk.facts().filters(), phase, Replies.ENTER_MAIL);
            talk.prompt(Replies.ENTER_MAIL);
            return receive(talk.facts(), phase, inflow, talk.input());
        }
    }

    /// Content that a local user has sent without waiting would be taken for commands.
    @Override
    protected Step refuse(Talk talk, Phase phase, Command command, Reply reply) {
        return talk.input().buffered() > 0
                ? new Step(phase, List.of(reply, Replies.OUT_OF_STEP), Step.Then.HANG_UP)
                : Step.to(phase, reply);
    }

    @Override
    public boolean endsGroup() {
        return true;
    }

    /// Receives the content and settles the transaction.
    ///
    /// @throws EOFException if the client goes away before the end of the content
    private static Step receive(
            Facts facts, Phase.InTransaction phase, Inflow content, LineReader reader)
            throws IOException {
        if (!read(facts, content, reader)) {
            phase.tx().refuse(Replies.TOO_BIG);
            return Step.close(phase.reset(), Replies.TOO_BIG);
        }
        if (facts.filters().active()) {
            facts.filters().report(FilterEvent.PROTOCOL_CLIENT, ".");
        }
        boolean outOfStep = reader.buffered() > 0 && !phase.extended() && !facts.client().isLocal();
        if (outOfStep) {
            phase.tx().refuse(Replies.OUT_OF_STEP);
            return Step.close(phase.reset(), Replies.OUT_OF_STEP);
        }
        return Acceptance.settle(facts, phase, content);
    }

    /// Reads to the end of the content; false if that is nowhere near.
    private static boolean read(Facts facts, Inflow content, LineReader reader) throws IOException {
        byte[] buffer = new byte[READ_FIRST];
        while (!content.done()) {
            int count = reader.read(buffer, 0, buffer.length);
            if (count < 0) {
                facts.log().lostConnection(facts.id(), "DATA", content.received());
                throw new EOFException("in DATA");
            }
            int used = content.take(buffer, count);
            reader.unread(buffer, used, count - used);
            if (content.hopeless()) {
                return false;
            }
            if (count == READ_FIRST && buffer.length == READ_FIRST) {
                buffer = new byte[READ_MORE];
            }
        }
        return true;
    }
}
