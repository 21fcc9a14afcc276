package smtpd.smtp.verb;

import smtpd.core.mail.MailAddr;
import smtpd.core.smtp.Command;
import smtpd.core.smtp.LineReader;
import smtpd.core.smtp.Reply;
import smtpd.smtp.protocol.Facts;
import smtpd.smtp.protocol.Hello;
import smtpd.smtp.protocol.Limits;
import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Queue;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Step;
import smtpd.smtp.protocol.Talk;
import smtpd.smtp.protocol.Transaction;
import smtpd.smtp.protocol.Transaction.Recipient;
import smtpd.smtp.protocol.Verb;

import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

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

    /// Lets the content come; waits while too many sessions receive some.
    @Override
    protected Step proceed(Talk talk, Phase.InTransaction phase, Command.Data data)
            throws IOException {
        Facts facts = talk.facts();
        if (!takePermit(facts)) {
            return refuse(talk, phase, Replies.BUSY);
        }
        try {
            talk.prompt(Replies.ENTER_MAIL);
            return receive(facts, phase, talk.input());
        } finally {
            facts.services().contents().release();
        }
    }

    /// Content that a local user has sent without waiting would be taken for commands.
    @Override
    protected Step refuse(Talk talk, Phase phase, Reply reply) {
        return talk.input().buffered() > 0
                ? new Step(phase, List.of(reply, Replies.OUT_OF_STEP), Step.Then.HANG_UP)
                : Step.to(phase, reply);
    }

    @Override
    public boolean endsGroup() {
        return true;
    }

    private static boolean takePermit(Facts facts) {
        try {
            return facts.services()
                    .contents()
                    .tryAcquire(Limits.CONTENT_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Receives the content and settles the transaction.
    ///
    /// @throws EOFException if the client goes away before the end of the content
    private static Step receive(Facts facts, Phase.InTransaction phase, LineReader reader)
            throws IOException {
        try (Content content = Content.of(facts, phase)) {
            boolean ended = read(facts, content, reader);
            Phase.Identified next = phase.outside();
            if (!ended) {
                phase.tx().rollback();
                return Step.close(next, Replies.TOO_BIG);
            }
            boolean outOfStep =
                    reader.buffered() > 0 && !next.extended() && !facts.client().isLocal();
            if (outOfStep) {
                phase.tx().rollback();
                return Step.close(next, Replies.OUT_OF_STEP);
            }
            return settle(facts, phase, content);
        }
    }

    /// Reads to the end of the content; false if that is nowhere near.
    private static boolean read(Facts facts, Content content, LineReader reader)
            throws IOException {
        byte[] buffer = new byte[READ_FIRST];
        while (!content.done()) {
            int count = reader.read(buffer, 0, buffer.length);
            if (count < 0) {
                facts.log().lostConnection(facts.id(), content.received());
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

    private static Step settle(Facts facts, Phase.InTransaction phase, Content content) {
        Phase.Identified outside = phase.outside();
        Optional<Reply> refusal = content.finish();
        if (refusal.isPresent()) {
            phase.tx().rollback();
            return Step.to(outside, refusal.get());
        }
        return switch (phase.tx().commit(content.size(), content.checksum())) {
            case Queue.Settled.Durable _ -> {
                log(facts, outside.hello(), phase.tx(), content.size());
                yield Step.to(outside.oneMore(), Replies.accepted(phase.tx().msgid()));
            }
            case Queue.Settled.NoRoom _ -> Step.to(outside, Replies.NO_ROOM);
            case Queue.Settled.Failed _ -> Step.to(outside, Replies.NOT_NOW);
        };
    }

    private static void log(Facts facts, Hello hello, Transaction tx, long size) {
        facts.log().message(facts.id(), tx, size, hello);
        MailAddr sender = tx.sender();
        for (Recipient recipient : tx.recipients()) {
            recipient
                    .envelopes()
                    .forEach(id -> facts.log().envelope(facts.id(), id, sender, recipient.rcpt()));
        }
    }
}
