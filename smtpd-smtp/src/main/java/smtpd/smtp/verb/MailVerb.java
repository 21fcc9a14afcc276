package smtpd.smtp.verb;

import smtpd.core.conf.SmtpLimit;
import smtpd.core.imsg.FilterEvent;
import smtpd.core.imsg.FilterPhase;
import smtpd.core.mail.Esc;
import smtpd.core.mail.MailAddr;
import smtpd.core.proc.PeerLost;
import smtpd.core.smtp.Command;
import smtpd.core.smtp.Reply;
import smtpd.smtp.protocol.Facts;
import smtpd.smtp.protocol.Filters;
import smtpd.smtp.protocol.Hook;
import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Queue;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Step;
import smtpd.smtp.protocol.Talk;
import smtpd.smtp.protocol.Terms;
import smtpd.smtp.protocol.Transaction;
import smtpd.smtp.protocol.Verb;

import java.util.Optional;

/// MAIL (RFC 5321 §4.1.1.2): begins a transaction, and a message in the queue.
final class MailVerb extends Verb<Phase.Identified, Command.Mail> {
    /// What is reported of a message that was not begun.
    private static final String NO_MESSAGE = "00000000";

    private static final Esc PARAMETER = new Esc(5, 5, 4);

    MailVerb() {
        super("MAIL", Phase.Identified.class, Command.Mail.class);
    }

    @Override
    protected Optional<Reply> check(Facts facts, Phase.Identified phase, Command.Mail mail) {
        Terms terms = facts.terms();
        if (phase.accepted() >= terms.options().maxMails()) {
            return Optional.of(Replies.TOO_MANY_MAILS);
        }
        if (terms.needsTls() && !facts.encryption().isOn()) {
            return Optional.of(Replies.TLS_NEEDED);
        }
        if (terms.needsAuth(facts.client())) {
            return Optional.of(Replies.AUTH_NEEDED);
        }
        // RFC 1870 §6.1
        if (mail.params().size() > terms.options().maxMessageSize()) {
            return Optional.of(Replies.TOO_BIG);
        }
        return Optional.empty();
    }

    @Override
    protected Optional<Hook> hook(Phase.Identified phase, Command.Mail mail) {
        String sender = mail.sender().toString();
        return Optional.of(new Hook(FilterPhase.MAIL_FROM, sender, "MAIL FROM:"));
    }

    /// OpenSMTPD: a sender that is refused for its form, or by a filter, is not reported; within a
    /// transaction, or for a parameter, it is.
    @Override
    protected void report(Filters filters, Phase phase, Command command, Reply reply) {
        boolean parameter =
                command instanceof Command.Malformed
                        && phase instanceof Phase.Identified
                        && PARAMETER.equals(reply.esc());
        Optional<String> message = phase.transaction().map(tx -> tx.msgid().toString());
        if (message.isPresent() || parameter) {
            String sender = path(command);
            filters.afterReply(
                    FilterEvent.TX_MAIL, message.orElse(NO_MESSAGE), Filters.result(reply), sender);
        }
    }

    private static String path(Command command) {
        return command instanceof Command.Mail it
                ? it.sender().toString()
                : command instanceof Command.Malformed bad ? bad.path() : "";
    }

    @Override
    protected Step proceed(Talk talk, Phase.Identified phase, Command.Mail mail) {
        Facts facts = talk.facts();
        MailAddr sender = Addresses.complete(mail.sender(), facts);
        Step step = tried(facts, phase, sender, mail);
        if (step.next() == phase && facts.filters().active()) {
            facts.filters()
                    .afterReply(
                            FilterEvent.TX_MAIL,
                            NO_MESSAGE,
                            Filters.result(step.replies().getFirst()),
                            sender.toString());
        }
        return step;
    }

    private static Step tried(
            Facts facts, Phase.Identified phase, MailAddr sender, Command.Mail mail) {
        try {
            if (!facts.services().guard().mayMail(facts.client())) {
                facts.log().limited(facts.id(), SmtpLimit.MAILS_PER_MINUTE, facts.client(), "");
                return Step.to(phase, Replies.TOO_MANY_MAILS_NOW);
            }
            Optional<Reply> refusal = permit(facts, sender);
            return refusal.isPresent()
                    ? Step.to(phase, refusal.get())
                    : begin(facts, phase, sender, mail);
        } catch (PeerLost e) {
            return Step.to(phase, Replies.NOT_NOW);
        }
    }

    /// Whether the user may send as that (`senders`). OpenSMTPD: a session without a user may too.
    private static Optional<Reply> permit(Facts facts, MailAddr sender) throws PeerLost {
        String table = facts.terms().listener().auth().senders();
        String user = facts.client().user();
        if (table.isEmpty() || user.isEmpty()) {
            return Optional.empty();
        }
        return switch (facts.services().lka().permits(table, user, sender)) {
            case FOUND -> Optional.empty();
            case NOT_FOUND -> Optional.of(Replies.SENDER_REJECTED);
            case TEMPFAIL -> Optional.of(Replies.NOT_NOW);
        };
    }

    private static Step begin(
            Facts facts, Phase.Identified phase, MailAddr sender, Command.Mail mail)
            throws PeerLost {
        Queue queue = facts.services().queue();
        return switch (queue.create()) {
            case Queue.Created.Message it -> {
                Filters filters = facts.filters();
                Transaction tx = new Transaction(queue, it.msgid(), sender, mail.params(), filters);
                if (filters.active()) {
                    filters.afterReply(FilterEvent.TX_BEGIN, it.msgid().toString());
                    filters.afterReply(
                            FilterEvent.TX_MAIL, it.msgid().toString(), "ok", sender.toString());
                }
                yield Step.to(new Phase.InTransaction(phase, tx), Replies.OK);
            }
            case Queue.Created.Refused it -> {
                Reply reply = Replies.trouble(it.trouble());
                yield reply.code() == Replies.CLOSING
                        ? Step.close(phase, reply)
                        : Step.to(phase, reply);
            }
        };
    }
}
