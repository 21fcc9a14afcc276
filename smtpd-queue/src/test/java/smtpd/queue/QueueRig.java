package smtpd.queue;

import smtpd.core.imsg.DeliveryResult;
import smtpd.core.imsg.LkaToQueue;
import smtpd.core.imsg.MdaToQueue;
import smtpd.core.imsg.MtaToQueue;
import smtpd.core.imsg.QueueToLka;
import smtpd.core.imsg.QueueToMda;
import smtpd.core.imsg.QueueToMta;
import smtpd.core.imsg.QueueToScheduler;
import smtpd.core.imsg.QueueToSmtp;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.imsg.SmtpToQueue;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Envelope.Origin;
import smtpd.core.mail.Envelope.OriginFlags;
import smtpd.core.mail.Envelope.State;
import smtpd.core.mail.Envelope.Target;
import smtpd.core.mail.Esc;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;
import smtpd.core.mail.Outcome;
import smtpd.core.proc.Agenda;
import smtpd.core.stat.Statistics;
import smtpd.queue.store.MailStore;
import smtpd.queue.store.RamStore;
import smtpd.queue.store.Store;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/// A queue agent between peers that write down what they are told. What the store answers reaches
/// the agent when [#settle] or [#pass] lets it.
final class QueueRig implements Agenda {
    static final Instant START = Instant.parse("2026-03-05T10:20:30Z");
    static final Origin ORIGIN =
            new Origin("", "mx.example", "client", "<unknown>", "local", "", OriginFlags.NONE);
    static final Bytes CONTENT = Bytes.of("Subject: hello\r\n\r\nworld\r\n");

    final FakePeer<QueueToSmtp, SmtpToQueue> smtp = new FakePeer<>();
    final FakePeer<QueueToLka, LkaToQueue> lka = new FakePeer<>();
    final FakePeer<QueueToScheduler, SchedulerToQueue> scheduler = new FakePeer<>();
    final FakePeer<QueueToMta, MtaToQueue> mta = new FakePeer<>();
    final FakePeer<QueueToMda, MdaToQueue> mda = new FakePeer<>();
    final Store store;
    final QueueAgent agent;
    private final ArrayDeque<Runnable> mailbox = new ArrayDeque<>();
    private final PriorityQueue<Later> later = new PriorityQueue<>();
    private Instant now = START;
    private long sequence;

    private record Later(Instant when, long sequence, Runnable task) implements Comparable<Later> {
        @Override
        public int compareTo(Later other) {
            int byTime = when.compareTo(other.when);
            return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
        }
    }

    QueueRig() {
        this(MailStore.plain(new RamStore(1_000_000)));
    }

    QueueRig(Store store) {
        this(store, new Aftermath(List.of(Duration.ofHours(4)), 0));
    }

    QueueRig(Store store, Aftermath aftermath) {
        this.store = store;
        agent =
                new QueueAgent(
                        new Desk(
                                store,
                                this,
                                mailbox::add,
                                mailbox::add,
                                new SplittableRandom(1),
                                Statistics.NONE),
                        new QueuePeers(smtp, lka, scheduler, mta, mda),
                        aftermath,
                        new Actions(Set.of("relay", "local", "host"), Set.of("host")),
                        "mx.example");
    }

    @Override
    public Instant now() {
        return now;
    }

    @Override
    public void after(Duration delay, Runnable task) {
        later.add(new Later(now.plus(delay), sequence++, task));
    }

    /// Runs what is in the mailbox.
    void settle() {
        Runnable task;
        while ((task = mailbox.poll()) != null) {
            task.run();
        }
    }

    /// Lets time pass.
    void pass(Duration time) {
        settle();
        Instant end = now.plus(time);
        while (!later.isEmpty() && !later.peek().when().isAfter(end)) {
            Later next = later.remove();
            now = next.when();
            next.task().run();
            settle();
        }
        now = end;
    }

    static Envelope envelope(MsgId msgid, String sender, String rcpt, Dsn dsn) {
        MailAddr dest = MailAddr.of(rcpt);
        return new Envelope(
                msgid.envelope(1),
                ORIGIN,
                sender.isEmpty() ? MailAddr.NULL : MailAddr.of(sender),
                dest,
                dest,
                rcpt.endsWith("@here.example")
                        ? new Target.Mda("local", dest.user(), "", "")
                        : new Target.Mta("relay"),
                dsn,
                START,
                Duration.ofDays(4),
                State.NEW);
    }

    MsgId begin() {
        agent.fromSmtp().receive(1, new SmtpToQueue.CreateMessage());
        return smtp.take(QueueToSmtp.MessageCreated.class).getFirst().msgid();
    }

    List<EvpId> add(MsgId msgid, Envelope... envelopes) {
        agent.fromLka().receive(2, new LkaToQueue.AddEnvelopes(msgid, List.of(envelopes)));
        return lka.take(QueueToLka.EnvelopesAdded.class).getFirst().envelopes();
    }

    void body(MsgId msgid, Bytes bytes) {
        agent.fromSmtp().receive(0, new SmtpToQueue.BodyPart(msgid, bytes));
        settle();
    }

    /// Asks for the commit; it is answered with [#settle].
    void commit(MsgId msgid, Bytes content) {
        CRC32C crc = new CRC32C();
        crc.update(content.toByteArray());
        agent.fromSmtp()
                .receive(3, new SmtpToQueue.Commit(msgid, content.length(), (int) crc.getValue()));
    }

    /// Accepts a message for some recipients and forgets what was said meanwhile.
    List<EvpId> accept(String sender, Dsn dsn, String... rcpts) {
        MsgId msgid = begin();
        List<EvpId> ids = new ArrayList<>();
        for (String rcpt : rcpts) {
            ids.addAll(add(msgid, envelope(msgid, sender, rcpt, dsn)));
        }
        body(msgid, CONTENT);
        commit(msgid, CONTENT);
        settle();
        scheduler.take();
        smtp.take();
        return ids;
    }

    void deliver(DeliveryType type, List<EvpId> ids) {
        agent.fromScheduler().receive(0, new SchedulerToQueue.Deliver(type, ids));
        settle();
    }

    /// mta reports one outcome for envelopes.
    void report(List<EvpId> ids, Outcome outcome, String text) {
        Esc status = new Esc(outcome == Outcome.OK ? 2 : outcome == Outcome.TEMPFAIL ? 4 : 5, 1, 1);
        agent.fromMta()
                .receive(
                        0,
                        new MtaToQueue.Results(
                                ids.stream()
                                        .map(id ->
                                                new DeliveryResult(
                                                        id, outcome, status, text, false))
                                        .toList()));
    }

    /// The envelopes the scheduler was given since it was last asked.
    List<EvpId> submitted() {
        return scheduler.take(QueueToScheduler.Submit.class).stream()
                .map(it -> it.entry().id())
                .toList();
    }
}
