package smtpd.smtp.verb;

import smtpd.core.mail.MailAddr;
import smtpd.core.smtp.LineReader;
import smtpd.core.smtp.Reply;
import smtpd.smtp.protocol.Facts;
import smtpd.smtp.protocol.Hello;
import smtpd.smtp.protocol.Limits;
import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Queue;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Sequencing;
import smtpd.smtp.protocol.Step;
import smtpd.smtp.protocol.Step.Then;
import smtpd.smtp.protocol.Transaction;
import smtpd.smtp.protocol.Transaction.Recipient;

import java.io.EOFException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// DATA (RFC 5321 §4.1.1.4): receives the content and makes the mail durable. A mail that will not
/// be accepted is read to its end all the same; the transaction is over in any case.
public final class DataVerb {
    /// Bytes read at a time at first, and once they keep coming.
    private static final int READ_FIRST = 4096;

    private static final int READ_MORE = 32 * 1024;

    private DataVerb() {}

    /// What forbids content now, if anything does.
    static Optional<Reply> check(Phase.InTransaction phase) {
        if (phase.tx().allRefused()) {
            return Optional.of(Replies.NO_VALID_RCPTS);
        }
        return phase.tx().recipients().isEmpty()
                ? Optional.of(Replies.OUT_OF_ORDER)
                : Optional.empty();
    }

    /// Lets the content come; waits while too many sessions receive some. The permit is given back
    /// by [#receive].
    public static Step proceed(Facts facts, Phase.InTransaction phase) {
        Optional<Reply> refusal = check(phase);
        if (refusal.isPresent()) {
            return Step.to(phase, refusal.get());
        }
        return takePermit(facts)
                ? new Step(phase, Replies.ENTER_MAIL, new Then.ReceiveContent())
                : Step.to(phase, Replies.BUSY);
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
    public static Step receive(Facts facts, Phase.InTransaction phase, LineReader reader)
            throws IOException {
        try (Content content = Content.of(facts, phase)) {
            boolean ended = read(facts, content, reader);
            Phase.Identified next = phase.outside();
            if (!ended) {
                phase.tx().rollback();
                return Step.close(next, Replies.TOO_BIG);
            }
            boolean outOfStep =
                    reader.buffered() > 0
                            && !Sequencing.mayGroup(next)
                            && !facts.client().isLocal();
            if (outOfStep) {
                phase.tx().rollback();
                return Step.close(next, Replies.OUT_OF_STEP);
            }
            return settle(facts, phase, content);
        } finally {
            facts.services().contents().release();
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
