package smtpd.smtp.verb;

import smtpd.core.imsg.FilterEvent;
import smtpd.core.imsg.FilterPhase;
import smtpd.core.imsg.RcptQuery;
import smtpd.core.mail.Envelope.Origin;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MailAddr;
import smtpd.core.smtp.Command;
import smtpd.core.smtp.Reply;
import smtpd.smtp.protocol.ErrorBudget;
import smtpd.smtp.protocol.Facts;
import smtpd.smtp.protocol.Filters;
import smtpd.smtp.protocol.Hook;
import smtpd.smtp.protocol.Lka;
import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Step;
import smtpd.smtp.protocol.Talk;
import smtpd.smtp.protocol.Transaction;
import smtpd.smtp.protocol.Verb;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// RCPT (RFC 5321 §4.1.1.3), one or a group that came together (RFC 2920): lka is asked about all
/// of a group at once, the replies keep their order.
public final class RcptVerb extends Verb<Phase.InTransaction, Command.Rcpt> {
    RcptVerb() {
        super("RCPT", Phase.InTransaction.class, Command.Rcpt.class);
    }

    @Override
    protected Optional<Hook> hook(Phase.InTransaction phase, Command.Rcpt command) {
        String rcpt = command.rcpt().toString();
        return Optional.of(new Hook(FilterPhase.RCPT_TO, rcpt, "RCPT TO:"));
    }

    @Override
    protected void report(Filters filters, Phase phase, Command command, Reply reply) {
        String rcpt = path(command);
        phase.transaction()
                .filter(tx -> !rcpt.isEmpty())
                .ifPresent(tx ->
                        filters.afterReply(
                                FilterEvent.TX_RCPT,
                                tx.msgid().toString(),
                                Filters.result(reply),
                                rcpt));
    }

    private static String path(Command command) {
        return command instanceof Command.Rcpt it
                ? it.rcpt().toString()
                : command instanceof Command.Malformed bad ? bad.path() : "";
    }

    @Override
    protected Step proceed(Talk talk, Phase.InTransaction phase, Command.Rcpt rcpt) {
        return Step.to(phase, proceed(talk.facts(), phase, List.of(rcpt)).getFirst());
    }

    /// A mailing list has its dead members.
    @Override
    public int cost(Reply reply) {
        return reply.kind() == Reply.Kind.PERMANENT ? ErrorBudget.RECIPIENT : 0;
    }

    /// How many of the next recipients fit in the transaction.
    private static int room(Facts facts, Transaction tx) {
        return Math.max(0, facts.terms().options().maxRcpt() - tx.recipients().size());
    }

    /// Names recipients; a reply for each.
    public static List<Reply> proceed(
            Facts facts, Phase.InTransaction phase, List<Command.Rcpt> rcpts) {
        List<Reply> replies = new ArrayList<>(rcpts.size());
        while (replies.size() < rcpts.size()) {
            int from = replies.size();
            int room = Math.min(rcpts.size() - from, room(facts, phase.tx()));
            if (room == 0) {
                replies.add(Replies.TOO_MANY_RCPTS);
                reported(
                        facts.filters(),
                        phase.tx(),
                        rcpts.get(from).rcpt(),
                        Replies.TOO_MANY_RCPTS);
            } else {
                replies.addAll(name(facts, phase, rcpts.subList(from, from + room)));
            }
        }
        return replies;
    }

    private static List<Reply> name(
            Facts facts, Phase.InTransaction phase, List<Command.Rcpt> rcpts) {
        Transaction tx = phase.tx();
        tx.tried();
        Origin origin = facts.origin(phase.outside().hello(), tx);
        List<RcptQuery> queries = new ArrayList<>(rcpts.size());
        for (Command.Rcpt rcpt : rcpts) {
            queries.add(
                    new RcptQuery(
                            tx.msgid(),
                            origin,
                            tx.sender(),
                            Addresses.complete(rcpt.rcpt(), facts),
                            rcpt.params().dsn(tx.params())));
        }
        List<Lka.Verdict> verdicts = facts.services().lka().expand(queries);
        List<Reply> replies = new ArrayList<>(rcpts.size());
        for (int i = 0; i < rcpts.size(); i++) {
            MailAddr rcpt = queries.get(i).rcpt();
            report(facts.filters(), tx, verdicts.get(i));
            Reply reply = settle(tx, rcpt, verdicts.get(i));
            reported(facts.filters(), tx, rcpt, reply);
            replies.add(reply);
        }
        return replies;
    }

    private static void report(Filters filters, Transaction tx, Lka.Verdict verdict) {
        if (filters.active() && verdict instanceof Lka.Verdict.Accepted it) {
            for (EvpId id : it.envelopes()) {
                filters.report(FilterEvent.TX_ENVELOPE, tx.msgid().toString(), id.toString());
            }
        }
    }

    private static void reported(Filters filters, Transaction tx, MailAddr rcpt, Reply reply) {
        if (filters.active()) {
            filters.afterReply(
                    FilterEvent.TX_RCPT,
                    tx.msgid().toString(),
                    Filters.result(reply),
                    rcpt.toString());
        }
    }

    private static Reply settle(Transaction tx, MailAddr rcpt, Lka.Verdict verdict) {
        return switch (verdict) {
            case Lka.Verdict.Accepted it -> {
                tx.add(new Transaction.Recipient(rcpt, it.envelopes()));
                yield Replies.RCPT_OK;
            }
            case Lka.Verdict.Refused it -> Replies.about(rcpt, it.reply());
        };
    }
}
