package smtpd.smtp;

import smtpd.core.imsg.LkaToSmtp;
import smtpd.core.imsg.RcptQuery;
import smtpd.core.imsg.SmtpToLka;
import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.PeerLost;
import smtpd.core.proc.Role;
import smtpd.core.smtp.Reply;
import smtpd.smtp.protocol.Limits;
import smtpd.smtp.protocol.Lka;
import smtpd.smtp.protocol.Replies;

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
    public String name(String address) throws PeerLost {
        return switch (link.call(new SmtpToLka.LookupName(address), Limits.NAME_PATIENCE)) {
            case LkaToSmtp.ClientName it -> it.name();
            case LkaToSmtp.Expanded _,
                    LkaToSmtp.Refused _,
                    LkaToSmtp.Authenticated _,
                    LkaToSmtp.ScramSalted _,
                    LkaToSmtp.ScramChecked _,
                    LkaToSmtp.SenderPermitted _,
                    LkaToSmtp.Hostname _,
                    LkaToSmtp.OfFilters _ ->
                    throw wrongAnswer();
        };
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
            return switch (link.call(new SmtpToLka.ExpandRcpt(query), Limits.EXPAND_PATIENCE)) {
                case LkaToSmtp.Expanded it -> new Verdict.Accepted(it.envelopes());
                case LkaToSmtp.Refused it -> new Verdict.Refused(reply(it));
                case LkaToSmtp.ClientName _,
                        LkaToSmtp.Authenticated _,
                        LkaToSmtp.ScramSalted _,
                        LkaToSmtp.ScramChecked _,
                        LkaToSmtp.SenderPermitted _,
                        LkaToSmtp.Hostname _,
                        LkaToSmtp.OfFilters _ ->
                        throw wrongAnswer();
            };
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

    private static PeerLost wrongAnswer() {
        return new PeerLost(Role.LKA, "answered something else");
    }
}
