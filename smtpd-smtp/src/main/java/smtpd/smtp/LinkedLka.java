package smtpd.smtp;

import smtpd.core.imsg.LkaToSmtp;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.RcptQuery;
import smtpd.core.imsg.SmtpToLka;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.Secret;
import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.PeerLost;
import smtpd.core.proc.Role;
import smtpd.core.smtp.Reply;
import smtpd.smtp.protocol.Limits;
import smtpd.smtp.protocol.Lka;
import smtpd.smtp.protocol.Replies;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// lka behind its link.
final class LinkedLka implements Lka {
    private final LinkPeer<SmtpToLka, LkaToSmtp> link;

    LinkedLka(LinkPeer<SmtpToLka, LkaToSmtp> link) {
        this.link = link;
    }

    @Override
    public LkaToSmtp.ClientName client(String address) throws PeerLost {
        return ask(
                new SmtpToLka.LookupName(address),
                LkaToSmtp.ClientName.class,
                Limits.NAME_PATIENCE);
    }

    @Override
    public LkaToSmtp.Hostname hostname(String table, String address) throws PeerLost {
        return ask(
                new SmtpToLka.LookupHostname(table, address),
                LkaToSmtp.Hostname.class,
                Limits.TABLE_PATIENCE);
    }

    @Override
    public LookupAnswer mayEndWithLf(String table, String address) throws PeerLost {
        return ask(
                        new SmtpToLka.LookupClient(table, address),
                        LkaToSmtp.ClientListed.class,
                        Limits.TABLE_PATIENCE)
                .answer();
    }

    @Override
    public LookupAnswer authenticate(String table, String user, Secret password) throws PeerLost {
        return ask(
                        new SmtpToLka.Authenticate(table, user, password),
                        LkaToSmtp.Authenticated.class,
                        Limits.TABLE_PATIENCE)
                .answer();
    }

    @Override
    public LkaToSmtp.ScramSalted salt(String table, String user) throws PeerLost {
        return ask(
                new SmtpToLka.ScramSalt(table, user),
                LkaToSmtp.ScramSalted.class,
                Limits.TABLE_PATIENCE);
    }

    @Override
    public LkaToSmtp.ScramChecked prove(String table, String user, String message, Bytes proof)
            throws PeerLost {
        return ask(
                new SmtpToLka.ScramProof(table, user, message, proof),
                LkaToSmtp.ScramChecked.class,
                Limits.TABLE_PATIENCE);
    }

    @Override
    public LookupAnswer permits(String table, String user, MailAddr sender) throws PeerLost {
        return ask(
                        new SmtpToLka.PermitSender(table, user, sender),
                        LkaToSmtp.SenderPermitted.class,
                        Limits.TABLE_PATIENCE)
                .answer();
    }

    private <A extends LkaToSmtp> A ask(SmtpToLka question, Class<A> kind, Duration patience)
            throws PeerLost {
        LkaToSmtp answer = link.call(question, patience);
        if (kind.isInstance(answer)) {
            return kind.cast(answer);
        }
        throw new PeerLost(Role.LKA, "answered something else");
    }

    /// Asks about all at once: the first on this thread, each other one on a thread of its own.
    @Override
    public List<Verdict> expand(List<RcptQuery> queries) {
        List<FutureTask<Verdict>> others = new ArrayList<>(queries.size() - 1);
        for (RcptQuery query : queries.subList(1, queries.size())) {
            FutureTask<Verdict> task = new FutureTask<>(() -> verdict(query));
            others.add(task);
            Thread.ofVirtual().start(task);
        }
        List<Verdict> verdicts = new ArrayList<>(queries.size());
        verdicts.add(verdict(queries.getFirst()));
        others.forEach(task -> verdicts.add(await(task)));
        return verdicts;
    }

    static Verdict await(FutureTask<Verdict> task) {
        try {
            return task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Verdict.Refused(Replies.NOT_NOW);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private Verdict verdict(RcptQuery query) {
        try {
            LkaToSmtp answer = link.call(new SmtpToLka.ExpandRcpt(query), Limits.EXPAND_PATIENCE);
            if (answer instanceof LkaToSmtp.Expanded it) {
                return new Verdict.Accepted(it.envelopes());
            }
            return new Verdict.Refused(
                    answer instanceof LkaToSmtp.Refused it ? reply(it) : Replies.NOT_NOW);
        } catch (PeerLost e) {
            return new Verdict.Refused(Replies.NOT_NOW);
        }
    }

    /// What lka wants said; only a refusal, in a form that is a reply.
    private static Reply reply(LkaToSmtp.Refused refused) {
        int code = refused.code();
        if (code < 400 || code > 599) {
            return Replies.NOT_NOW;
        }
        try {
            return refused.status().isEmpty()
                    ? Reply.of(code, refused.text())
                    : Reply.esc(code, refused.status(), refused.text());
        } catch (IllegalArgumentException e) {
            return Reply.of(code, refused.text());
        }
    }
}
