package smtpd.smtp;

import smtpd.core.imsg.RcptQuery;
import smtpd.core.mail.MailAddr;
import smtpd.core.proc.PeerLost;
import smtpd.core.proc.Role;
import smtpd.core.smtp.Reply;
import smtpd.smtp.protocol.Lka;
import smtpd.smtp.protocol.Replies;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// alice and bob of example.org are local, remote.test is relayed to, nobody else is known.
final class FakeLka implements Lka {
    private static final Set<String> LOCAL = Set.of("alice@example.org", "bob@example.org");

    final List<RcptQuery> asked = new ArrayList<>();
    boolean down;
    private int envelopes;

    @Override
    public String name(String address) throws PeerLost {
        if (down) {
            throw new PeerLost(Role.LKA, "down");
        }
        return "client.example.net";
    }

    @Override
    public List<Verdict> expand(List<RcptQuery> queries) {
        asked.addAll(queries);
        return queries.stream().map(this::verdict).toList();
    }

    private Verdict verdict(RcptQuery query) {
        MailAddr rcpt = query.rcpt();
        if (rcpt.user().equals("later")) {
            return new Verdict.Refused(Replies.NOT_NOW);
        }
        boolean known =
                LOCAL.contains(rcpt.toString())
                        || rcpt.domainKey().equals("remote.test")
                        || rcpt.user().equals("postmaster");
        return known
                ? new Verdict.Accepted(List.of(query.msgid().envelope(++envelopes)))
                : new Verdict.Refused(Reply.of(550, "Invalid recipient"));
    }
}
