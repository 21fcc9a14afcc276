package smtpd.smtp;

import smtpd.core.imsg.Confirmed;
import smtpd.core.imsg.LkaToSmtp;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.RcptQuery;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.Secret;
import smtpd.core.proc.PeerLost;
import smtpd.core.proc.Role;
import smtpd.core.sasl.ScramKeys;
import smtpd.core.smtp.Reply;
import smtpd.smtp.protocol.Lka;
import smtpd.smtp.protocol.Replies;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/// alice and bob of example.org are local, remote.test is relayed to, nobody else is known.
final class FakeLka implements Lka {
    private static final Set<String> LOCAL = Set.of("alice@example.org", "bob@example.org");

    /// The keys of everybody: of the password `pencil`.
    static final ScramKeys KEYS =
            ScramKeys.of("pencil", Bytes.of("0123456789abcdef"), 4096).orElseThrow();

    final List<String> checked = new ArrayList<>();
    final List<RcptQuery> asked = new ArrayList<>();
    boolean down;

    /// Told what is asked for.
    Consumer<String> steps = step -> {};

    private int envelopes;

    @Override
    public LkaToSmtp.ClientName client(String address) throws PeerLost {
        if (down) {
            throw new PeerLost(Role.LKA, "down");
        }
        steps.accept("client");
        return new LkaToSmtp.ClientName("client.example.net", Confirmed.PASS);
    }

    @Override
    public LkaToSmtp.Hostname hostname(String table, String address) {
        return switch (table) {
            case "names" -> new LkaToSmtp.Hostname(LookupAnswer.FOUND, "one.example.org");
            case "none" -> new LkaToSmtp.Hostname(LookupAnswer.NOT_FOUND, "");
            default -> new LkaToSmtp.Hostname(LookupAnswer.TEMPFAIL, "");
        };
    }

    @Override
    public LookupAnswer mayEndWithLf(String table, String address) {
        return switch (table) {
            case "old" -> LookupAnswer.FOUND;
            case "none" -> LookupAnswer.NOT_FOUND;
            default -> LookupAnswer.TEMPFAIL;
        };
    }

    @Override
    public LookupAnswer authenticate(String table, String user, Secret password) throws PeerLost {
        checked.add(table + ":" + user + ":" + password.text());
        return switch (user) {
            case "gone" -> throw new PeerLost(Role.LKA, "gone");
            case "slow" -> LookupAnswer.TEMPFAIL;
            default ->
                    password.text().equals("pencil") ? LookupAnswer.FOUND : LookupAnswer.NOT_FOUND;
        };
    }

    @Override
    public LkaToSmtp.ScramSalted salt(String table, String user) {
        return user.equals("slow")
                ? new LkaToSmtp.ScramSalted(LookupAnswer.TEMPFAIL, Bytes.EMPTY, 0)
                : new LkaToSmtp.ScramSalted(LookupAnswer.FOUND, KEYS.salt(), KEYS.iterations());
    }

    @Override
    public LkaToSmtp.ScramChecked prove(String table, String user, String message, Bytes proof) {
        return KEYS.isProof(message, proof)
                ? new LkaToSmtp.ScramChecked(LookupAnswer.FOUND, KEYS.signature(message))
                : new LkaToSmtp.ScramChecked(LookupAnswer.NOT_FOUND, Bytes.EMPTY);
    }

    @Override
    public LookupAnswer permits(String table, String user, MailAddr sender) {
        return switch (sender.user()) {
            case "later" -> LookupAnswer.TEMPFAIL;
            case "own" -> LookupAnswer.FOUND;
            default -> LookupAnswer.NOT_FOUND;
        };
    }

    @Override
    public List<Verdict> expand(List<RcptQuery> queries) {
        steps.accept("expand");
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
