package smtpd.e2e.sim.router;

import smtpd.core.imsg.LkaToQueue;
import smtpd.core.imsg.MtaToQueue;
import smtpd.core.imsg.QueueToLka;
import smtpd.core.imsg.QueueToMta;
import smtpd.core.imsg.QueueToScheduler;
import smtpd.core.imsg.QueueToSmtp;
import smtpd.core.imsg.RcptQuery;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.imsg.SmtpToQueue;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;
import smtpd.core.proc.Inbox;
import smtpd.core.proc.Peer;
import smtpd.core.stat.Statistics;
import smtpd.queue.Actions;
import smtpd.queue.Aftermath;
import smtpd.queue.Desk;
import smtpd.queue.QueueAgent;
import smtpd.queue.QueuePeers;
import smtpd.queue.store.MailStore;
import smtpd.queue.store.RamStore;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;

/// The queue as it is in the daemon, with its store in memory: it writes its reports too.
final class StoreSpool extends Spool {
    private static final long ROOM = 100_000_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Bytes CONTENT = Bytes.of("Subject: x\r\n\r\nx\r\n");

    private final Cord<SmtpToQueue, QueueToSmtp> smtp;
    private final Cord<LkaToQueue, QueueToLka> lka;
    private final Cord<SchedulerToQueue, QueueToScheduler> scheduler;
    private final Cord<MtaToQueue, QueueToMta> mta;
    private final QueueAgent agent;

    StoreSpool(Clockwork clock, Referee referee, RandomGenerator random) {
        super(clock, referee);
        smtp = Cord.make(clock);
        lka = Cord.make(clock);
        scheduler = Cord.make(clock);
        mta = Cord.make(clock);
        Executor soon = task -> clock.after(Duration.ZERO, task);
        agent =
                new QueueAgent(
                        new Desk(
                                MailStore.plain(new RamStore(ROOM)),
                                clock,
                                soon,
                                soon,
                                random,
                                Statistics.NONE),
                        new QueuePeers(
                                smtp.other(),
                                lka.other(),
                                scheduler.other(),
                                mta.other(),
                                nobody()),
                        new Aftermath(List.of(Duration.ofHours(4)), 0),
                        new Actions(Set.of("relay"), Set.of()),
                        "mx.example.org");
        smtp.heardBy(agent.fromSmtp());
        smtp.other().heardBy((_, _) -> {});
        lka.heardBy(agent.fromLka());
        lka.other().heardBy(this::asked);
        scheduler.heardBy(agent.fromScheduler());
        scheduler.witnessed(this::schedulerSays);
        mta.heardBy(agent.fromMta());
        mta.witnessed(this::mtaSays);
        mta.other().witnessed(this::mtaIsTold);
    }

    @Override
    void connect(Inbox<QueueToScheduler> toScheduler, Inbox<QueueToMta> toMta) {
        scheduler.other().heardBy(toScheduler);
        mta.other().heardBy(toMta);
        agent.fromMta().attached();
    }

    @Override
    Peer<SchedulerToQueue, QueueToScheduler> toScheduler() {
        return scheduler;
    }

    @Override
    Peer<MtaToQueue, QueueToMta> toMta() {
        return mta;
    }

    private void schedulerSays(SchedulerToQueue message) {
        if (message instanceof SchedulerToQueue.Expire it) {
            it.envelopes().forEach(this::expired);
        }
    }

    private void mtaSays(MtaToQueue message) {
        switch (message) {
            case MtaToQueue.Results it -> it.results().forEach(this::attempted);
            case MtaToQueue.Hold it -> held(it.envelopes());
            case MtaToQueue.Release _,
                    MtaToQueue.Schedule _,
                    MtaToQueue.OpenBody _,
                    MtaToQueue.BodyCredit _ -> {}
        }
    }

    private void mtaIsTold(QueueToMta message) {
        if (message instanceof QueueToMta.Transfer it) {
            handedOut(it.envelopes().stream().map(Envelope::id).toList());
        }
    }

    /// smtp and lka, as far as a message needs them.
    @Override
    void accept(List<Envelope> message) {
        smtp.ask(
                new SmtpToQueue.CreateMessage(),
                PATIENCE,
                answer -> {
                    if (answer
                            instanceof Peer.Answer.Got(QueueToSmtp.MessageCreated(MsgId id), _)) {
                        add(id, message, ids -> commit(id, message, ids));
                    } else {
                        referee.complain("no message: " + answer);
                    }
                });
    }

    private void add(MsgId id, List<Envelope> message, Consumer<List<EvpId>> then) {
        List<Envelope> own = new ArrayList<>();
        message.forEach(envelope -> own.add(envelope.withId(id.envelope(1))));
        lka.ask(
                new LkaToQueue.AddEnvelopes(id, own),
                PATIENCE,
                answer -> {
                    if (answer
                            instanceof
                            Peer.Answer.Got(QueueToLka.EnvelopesAdded(List<EvpId> ids), _)) {
                        then.accept(ids);
                    } else {
                        referee.complain("not added: " + answer);
                    }
                });
    }

    private void commit(MsgId id, List<Envelope> message, List<EvpId> ids) {
        CRC32C crc = new CRC32C();
        crc.update(CONTENT.toByteArray());
        smtp.send(new SmtpToQueue.BodyPart(id, CONTENT));
        for (int i = 0; i < ids.size(); i++) {
            accepted(ids.get(i), message.get(i));
        }
        smtp.ask(
                new SmtpToQueue.Commit(id, CONTENT.length(), (int) crc.getValue()),
                PATIENCE,
                answer -> {
                    if (!(answer instanceof Peer.Answer.Got(QueueToSmtp.Committed _, _))) {
                        referee.complain("not committed: " + answer);
                    }
                });
    }

    /// A report goes to the sender by the same action.
    private void asked(long request, QueueToLka message) {
        if (message instanceof QueueToLka.ExpandReport(RcptQuery query)) {
            Envelope report =
                    new Envelope(
                            query.msgid().envelope(1),
                            query.origin(),
                            MailAddr.NULL,
                            query.rcpt(),
                            query.rcpt(),
                            new Envelope.Target.Mta("relay"),
                            Dsn.NONE,
                            clock.now(),
                            Duration.ofDays(4),
                            Envelope.State.NEW);
            add(
                    query.msgid(),
                    List.of(report),
                    ids -> lka.answer(request, new LkaToQueue.ReportExpanded(ids)));
        }
    }
}
