package smtpd.smtp.verb;

import smtpd.core.imsg.FilterPhase;
import smtpd.core.mail.MailAddr;
import smtpd.core.smtp.Received.Dialect;
import smtpd.core.smtp.Reply;
import smtpd.smtp.protocol.Facts;
import smtpd.smtp.protocol.Filters;
import smtpd.smtp.protocol.Hello;
import smtpd.smtp.protocol.Inflow;
import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Queue;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Step;
import smtpd.smtp.protocol.Transaction;
import smtpd.smtp.protocol.Transaction.Recipient;

import java.util.Collections;
import java.util.Optional;

/// What becomes of a message whose content is whole: it is made durable, then confirmed; or it is
/// forgotten, and refused.
final class Acceptance {
    private Acceptance() {}

    /// Ends the transaction.
    static Step settle(Facts facts, Phase.InTransaction phase, Inflow content) {
        Phase.Identified outside = phase.outside();
        Optional<Reply> refusal = content.finish();
        if (refusal.isPresent()) {
            return refuse(phase, refusal.get());
        }
        if (facts.filters().active()
                && facts.filters().ask(FilterPhase.COMMIT, "", facts.subject(phase))
                        instanceof Filters.Ruling.Refused(Reply reply, boolean close)) {
            Step refused = refuse(phase, reply);
            return close ? new Step(refused.next(), refused.replies(), Step.Then.HANG_UP) : refused;
        }
        return switch (phase.tx().commit(content.size(), content.checksum())) {
            case Queue.Settled.Durable _ -> {
                log(facts, outside.hello(), phase.tx(), content);
                yield answer(phase, outside.oneMore(), Replies.accepted(phase.tx().msgid()));
            }
            case Queue.Settled.Refused it -> failed(phase, Replies.trouble(it.trouble()));
        };
    }

    private static Step failed(Phase.InTransaction phase, Reply reply) {
        phase.tx().failed(reply);
        Step step = answer(phase, phase.outside(), reply);
        return reply.code() == Replies.CLOSING
                ? new Step(step.next(), step.replies(), Step.Then.HANG_UP)
                : step;
    }

    /// Ends the transaction, whatever its content is.
    static Step refuse(Phase.InTransaction phase, Reply reply) {
        phase.tx().refuse(reply);
        return answer(phase, phase.reset(), reply);
    }

    /// Tells filters how the wish to send content is answered (OpenSMTPD: only where there are
    /// recipients).
    static void report(Filters filters, Phase phase, Reply reply) {
        if (filters.active()) {
            phase.transaction()
                    .filter(tx -> !tx.recipients().isEmpty())
                    .ifPresent(tx -> tx.data(reply));
        }
    }

    /// One reply, or in LMTP one for each recipient (RFC 2033 §4.2): the queue keeps all of them or
    /// none.
    private static Step answer(Phase.InTransaction phase, Phase next, Reply reply) {
        int count =
                phase.outside().hello().dialect() == Dialect.LMTP
                        ? phase.tx().recipients().size()
                        : 1;
        return new Step(next, Collections.nCopies(count, reply), Step.Then.CONTINUE);
    }

    private static void log(Facts facts, Hello hello, Transaction tx, Inflow content) {
        facts.log().message(facts.id(), tx, content.size(), hello);
        facts.log().oddHeader(facts.id(), tx.msgid(), content.oddities());
        MailAddr sender = tx.sender();
        for (Recipient recipient : tx.recipients()) {
            recipient
                    .envelopes()
                    .forEach(id -> facts.log().envelope(facts.id(), id, sender, recipient.rcpt()));
        }
    }
}
