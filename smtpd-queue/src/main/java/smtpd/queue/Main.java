package smtpd.queue;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.imsg.ControlToQueue;
import smtpd.core.imsg.LkaToQueue;
import smtpd.core.imsg.MdaToQueue;
import smtpd.core.imsg.MtaToQueue;
import smtpd.core.imsg.QueueToControl;
import smtpd.core.imsg.QueueToLka;
import smtpd.core.imsg.QueueToMda;
import smtpd.core.imsg.QueueToMta;
import smtpd.core.imsg.QueueToScheduler;
import smtpd.core.imsg.QueueToSmtp;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.imsg.SmtpToQueue;
import smtpd.core.proc.Child;
import smtpd.core.proc.Inbox;
import smtpd.core.proc.LateInbox;
import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.Role;
import smtpd.core.slice.QueueSlice;
import smtpd.core.stat.PushedStatistics;
import smtpd.queue.seal.BlockRandom;
import smtpd.queue.store.Store;
import smtpd.queue.store.StoreNotice;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// The queue process.
public final class Main {
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    private final Child child;
    private final Store store;
    private final LateInbox<SmtpToQueue> fromSmtp = new LateInbox<>();
    private final LateInbox<LkaToQueue> fromLka = new LateInbox<>();
    private final LateInbox<SchedulerToQueue> fromScheduler = new LateInbox<>();
    private final LateInbox<MtaToQueue> fromMta = new LateInbox<>();
    private final LateInbox<MdaToQueue> fromMda = new LateInbox<>();
    private final LateInbox<ControlToQueue> fromControl = new LateInbox<>();

    private Main(Child child, Store store) {
        this.child = child;
        this.store = store;
    }

    public static void main(String[] args) throws IOException {
        Child child = Child.start(Role.QUEUE, args);
        QueueSlice slice = QueueSlice.decode(child.config());
        Main main = new Main(child, Stores.open(slice, Main::notice));
        main.wire(slice);
        child.onDrain(main.store::close);
        child.serve();
    }

    private static void notice(StoreNotice notice) {
        switch (notice.severity()) {
            case INFO -> LOG.info("info: queue: {}", notice.text());
            case WARN -> LOG.warn("warn: queue: {}", notice.text());
            case ALARM -> LOG.error("warn: queue: ALARM: {}", notice.text());
        }
    }

    private void wire(QueueSlice slice) {
        LinkPeer<QueueToSmtp, SmtpToQueue> smtp =
                child.peer(Role.SMTP, QueueToSmtp.CODEC, SmtpToQueue.CODEC, fromSmtp);
        LinkPeer<QueueToLka, LkaToQueue> lka =
                child.peer(Role.LKA, QueueToLka.CODEC, LkaToQueue.CODEC, fromLka);
        LinkPeer<QueueToScheduler, SchedulerToQueue> scheduler =
                child.peer(
                        Role.SCHEDULER,
                        QueueToScheduler.CODEC,
                        SchedulerToQueue.CODEC,
                        fromScheduler);
        LinkPeer<QueueToMta, MtaToQueue> mta =
                child.peer(Role.MTA, QueueToMta.CODEC, MtaToQueue.CODEC, fromMta);
        LinkPeer<QueueToMda, MdaToQueue> mda =
                child.peer(Role.MDA, QueueToMda.CODEC, MdaToQueue.CODEC, fromMda);
        LinkPeer<QueueToControl, ControlToQueue> control =
                child.peer(Role.CONTROL, QueueToControl.CODEC, ControlToQueue.CODEC, fromControl);
        mta.handleDirectly(Main::isContent, mtaContents(mta));
        mda.handleDirectly(Main::isContent, mdaContents(mda));
        control.handleDirectly(Listings::isQuestion, new Listings(store, control));
        PushedStatistics statistics = child.statistics(control::send);
        QueuePeers peers = new QueuePeers(smtp, lka, scheduler, mta, mda);
        QueueAgent agent =
                new QueueAgent(
                        desk(statistics),
                        peers,
                        new Aftermath(
                                List.copyOf(slice.options().warnIntervals()),
                                slice.options().bounceLimit()),
                        new Actions(Set.copyOf(slice.actions()), Set.copyOf(slice.smarthosts())),
                        slice.hostname());
        fromSmtp.setOwner(agent.fromSmtp());
        fromLka.setOwner(agent.fromLka());
        fromScheduler.setOwner(agent.fromScheduler());
        fromMta.setOwner(agent.fromMta());
        fromMda.setOwner(agent.fromMda());
        fromControl.setOwner(agent.fromControl());
    }

    private Desk desk(PushedStatistics statistics) {
        ExecutorService reader =
                Executors.newSingleThreadExecutor(
                        Thread.ofPlatform().name("reader").daemon(true).factory());
        return new Desk(
                store,
                child.mailbox(),
                child.mailbox(),
                reader,
                new BlockRandom(new SecureRandom()),
                statistics);
    }

    private static boolean isContent(MtaToQueue message) {
        return message instanceof MtaToQueue.OpenBody || message instanceof MtaToQueue.BodyCredit;
    }

    private static boolean isContent(MdaToQueue message) {
        return message instanceof MdaToQueue.OpenBody || message instanceof MdaToQueue.BodyCredit;
    }

    /// Serves content to mta.
    private Inbox<MtaToQueue> mtaContents(LinkPeer<QueueToMta, MtaToQueue> mta) {
        ContentStreams streams = new ContentStreams(store, mta::answer, mta::answer);
        return new Inbox<>() {
            @Override
            public void receive(long request, MtaToQueue message) {
                switch (message) {
                    case MtaToQueue.OpenBody it -> streams.open(request, it.msgid());
                    case MtaToQueue.BodyCredit it -> streams.credit(it.request(), it.bytes());
                    case MtaToQueue.Results _,
                            MtaToQueue.Hold _,
                            MtaToQueue.Release _,
                            MtaToQueue.Schedule _ -> {}
                }
            }

            @Override
            public void detached() {
                streams.closeAll();
            }
        };
    }

    /// Serves content to mda.
    private Inbox<MdaToQueue> mdaContents(LinkPeer<QueueToMda, MdaToQueue> mda) {
        ContentStreams streams = new ContentStreams(store, mda::answer, mda::answer);
        return new Inbox<>() {
            @Override
            public void receive(long request, MdaToQueue message) {
                switch (message) {
                    case MdaToQueue.OpenBody it -> streams.open(request, it.msgid());
                    case MdaToQueue.BodyCredit it -> streams.credit(it.request(), it.bytes());
                    case MdaToQueue.Results _, MdaToQueue.Hold _, MdaToQueue.Release _ -> {}
                }
            }

            @Override
            public void detached() {
                streams.closeAll();
            }
        };
    }
}
