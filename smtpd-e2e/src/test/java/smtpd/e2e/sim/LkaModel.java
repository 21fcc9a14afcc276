package smtpd.e2e.sim;

import smtpd.core.imsg.DnsAnswer;
import smtpd.core.imsg.LkaToMda;
import smtpd.core.imsg.LkaToMta;
import smtpd.core.imsg.LkaToQueue;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.MdaToLka;
import smtpd.core.imsg.MtaToLka;
import smtpd.core.imsg.MxHost;
import smtpd.core.imsg.QueueToLka;
import smtpd.core.imsg.RcptQuery;
import smtpd.core.imsg.UserRecord;
import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Envelope.Origin;
import smtpd.core.mail.Envelope.OriginFlags;
import smtpd.core.mail.Envelope.Target;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;
import smtpd.core.proc.Inbox;
import smtpd.core.proc.Peer;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/// lka as a model: turns recipients into envelopes and answers lookups.
final class LkaModel {
    static final Origin ORIGIN =
            new Origin("", "mx.example", "client", "<unknown>", "local", "", OriginFlags.NONE);

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final MailWorld at;
    private final Dice dice;

    LkaModel(MailWorld at) {
        this.at = at;
        dice = new Dice(at.world.random("lka"));
    }

    Inbox<QueueToLka> fromQueue() {
        return (request, message) -> {
            switch (message) {
                case QueueToLka.ExpandReport it -> expandReport(request, it.query());
                case QueueToLka.EnvelopesAdded _, QueueToLka.EnvelopesRefused _ ->
                        throw new IllegalStateException("an answer to nothing");
            }
        };
    }

    private void expandReport(long request, RcptQuery query) {
        if (query.rcpt().user().startsWith("nobody")) {
            at.ledger.refusedSenders.add(query.rcpt().toString());
            answer(request, new LkaToQueue.ReportRefused(550, "no such user"));
        } else if (!at.farEnd.calm() && dice.percent(10)) {
            answer(request, new LkaToQueue.ReportRefused(451, "table does not answer"));
        } else {
            List<Envelope> envelopes =
                    List.of(envelope(query.msgid(), MailAddr.NULL, query.rcpt(), Dsn.NONE));
            add(
                    query.msgid(),
                    envelopes,
                    added -> {
                        if (added) {
                            answer(
                                    request,
                                    new LkaToQueue.ReportExpanded(
                                            List.of(query.msgid().envelope(1))));
                        } else {
                            answer(request, new LkaToQueue.ReportRefused(451, "not now"));
                        }
                    });
        }
    }

    private void answer(long request, LkaToQueue message) {
        at.lka.after(dice.millis(0, 20), () -> at.lkaQueue.left().answer(request, message));
    }

    /// Turns a recipient into envelopes and adds them; `done` is told whether that was answered.
    void expand(
            MsgId msgid, MailAddr sender, List<MailAddr> dests, Dsn dsn, Consumer<Boolean> done) {
        List<Envelope> envelopes =
                dests.stream().map(dest -> envelope(msgid, sender, dest, dsn)).toList();
        add(msgid, envelopes, done);
    }

    private void add(MsgId msgid, List<Envelope> envelopes, Consumer<Boolean> done) {
        at.lkaQueue
                .left()
                .ask(
                        new LkaToQueue.AddEnvelopes(msgid, envelopes),
                        PATIENCE,
                        answer -> {
                            boolean added =
                                    answer
                                                    instanceof
                                                    Peer.Answer.Got(
                                                            QueueToLka.EnvelopesAdded it,
                                                            int _)
                                            && it.envelopes().size() == envelopes.size();
                            done.accept(added);
                        });
    }

    private Envelope envelope(MsgId msgid, MailAddr sender, MailAddr dest, Dsn dsn) {
        Target target =
                dest.domain().equals("here.example")
                        ? new Target.Mda("local", user(dest), "", "")
                        : new Target.Mta("relay");
        Duration ttl = sender.isNull() ? at.plan.ttl().multipliedBy(2) : at.plan.ttl();
        return new Envelope(
                msgid.envelope(1),
                ORIGIN,
                sender,
                dest,
                dest,
                target,
                dsn,
                at.lka.now(),
                ttl,
                Envelope.State.NEW);
    }

    private static String user(MailAddr dest) {
        return FarEnd.USERS.get(Math.floorMod(dest.user().hashCode(), FarEnd.USERS.size()));
    }

    Inbox<MtaToLka> fromMta() {
        return (request, message) -> {
            LkaToMta answer =
                    switch (message) {
                        case MtaToLka.LookupMx it -> mx(it.domain());
                        case MtaToLka.LookupHost it ->
                                new LkaToMta.HostResult(DnsAnswer.FOUND, List.of(it.name()));
                        case MtaToLka.LookupName _ -> new LkaToMta.NameResult("<unknown>");
                        case MtaToLka.LookupTable _ ->
                                new LkaToMta.TableResult(LookupAnswer.NOT_FOUND, "");
                        case MtaToLka.RewriteSender it ->
                                new LkaToMta.SenderResult(LookupAnswer.FOUND, it.sender());
                        case MtaToLka.ToFilters _ ->
                                throw new IllegalStateException("no filters here");
                    };
            at.lka.after(dice.millis(1, 500), () -> at.mtaLka.right().answer(request, answer));
        };
    }

    private LkaToMta mx(String domain) {
        DnsAnswer answer = at.farEnd.dns(domain);
        if (answer != DnsAnswer.FOUND) {
            return new LkaToMta.MxResult(answer, List.of());
        }
        int net = Math.floorMod(domain.hashCode(), 200);
        return new LkaToMta.MxResult(
                answer,
                List.of(
                        new MxHost("mx1." + domain, 10, List.of("192.0.2." + net)),
                        new MxHost("mx2." + domain, 20, List.of("198.51.100." + net))));
    }

    Inbox<MdaToLka> fromMda() {
        return (request, message) -> {
            LkaToMda answer =
                    switch (message) {
                        case MdaToLka.LookupUser _ when !at.farEnd.calm() && dice.percent(5) ->
                                new LkaToMda.UserTempfail("table does not answer");
                        case MdaToLka.LookupUser it ->
                                new LkaToMda.UserFound(
                                        new UserRecord(it.user(), 1000, 1000, "/home/user"));
                    };
            at.lka.after(dice.millis(0, 50), () -> at.mdaLka.right().answer(request, answer));
        };
    }
}
