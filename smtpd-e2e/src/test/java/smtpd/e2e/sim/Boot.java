package smtpd.e2e.sim;

import smtpd.core.conf.Dispatcher;
import smtpd.core.proc.Peer;
import smtpd.core.stat.Statistics;
import smtpd.mda.MdaAgent;
import smtpd.mta.MtaAgent;
import smtpd.mta.MtaConfig;
import smtpd.queue.Actions;
import smtpd.queue.Aftermath;
import smtpd.queue.Desk;
import smtpd.queue.QueueAgent;
import smtpd.queue.QueuePeers;
import smtpd.queue.store.MailStore;
import smtpd.queue.store.SegmentStore;
import smtpd.queue.store.StoreLimits;
import smtpd.queue.store.StoreNotice;
import smtpd.scheduler.RamRunQueue;
import smtpd.scheduler.SchedulerAgent;
import smtpd.testkit.sim.SimProcess;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// What each process does when it starts: builds its agent around its ports, as its `Main` does.
final class Boot {
    private static final long SPARE = 4096;

    private final MailWorld at;
    private final LkaModel lkaModel;
    private final Dice dice;

    Boot(MailWorld at, LkaModel lkaModel) {
        this.at = at;
        this.lkaModel = lkaModel;
        dice = new Dice(at.world.random("boot"));
    }

    /// Gives a process that has just started its agent, and its links a moment later.
    void boot(SimProcess process) {
        switch (process.name()) {
            case "smtp" -> at.smtpQueue.left().serve((_, _) -> {});
            case "control" -> at.controlScheduler.left().serve((_, _) -> {});
            case "lka" -> bootLka();
            case "queue" -> bootQueue();
            case "scheduler" -> bootScheduler();
            case "mta" -> bootMta();
            case "mda" -> bootMda();
            default -> throw new IllegalStateException(process.name());
        }
        if (process.isAlive()) {
            process.after(dice.millis(1, 100), () -> connect(process));
        }
    }

    private void connect(SimProcess process) {
        at.links.forEach(link -> {
            if (link.joins(process)) {
                link.connect();
            }
        });
    }

    private void bootLka() {
        at.lkaQueue.left().serve(lkaModel.fromQueue());
        at.mtaLka.right().serve(lkaModel.fromMta());
        at.mdaLka.right().serve(lkaModel.fromMda());
    }

    private void bootQueue() {
        StoreLimits limits = new StoreLimits(at.plan.segmentSize(), 25, SPARE, 0);
        SteppedStore store;
        try {
            SegmentStore segments = SegmentStore.open(at.spool, limits, this::notice);
            store = new SteppedStore(MailStore.plain(segments), segments, at.queue, dice, at.plan);
        } catch (IOException e) {
            at.world.trace(() -> "queue cannot start: " + e);
            at.kill(at.queue);
            return;
        }
        at.store = store;
        Desk desk =
                new Desk(
                        store,
                        at.queue,
                        at.queue,
                        task -> at.queue.after(dice.millis(0, 3), task),
                        at.world.random("queue " + at.queue.life()),
                        Statistics.NONE);
        QueueAgent agent =
                new QueueAgent(
                        desk,
                        new QueuePeers(
                                at.smtpQueue.right(),
                                at.lkaQueue.right(),
                                at.schedulerQueue.right(),
                                at.mtaQueue.right(),
                                at.mdaQueue.right()),
                        new Aftermath(at.plan.warnings(), 0),
                        new Actions(Set.of("local", "relay"), Set.of()),
                        "mx.example");
        at.smtpQueue.right().serve(agent.fromSmtp());
        at.lkaQueue.right().serve(agent.fromLka());
        at.schedulerQueue.right().serve(agent.fromScheduler());
        at.mtaQueue.right().serve(agent.fromMta());
        at.mdaQueue.right().serve(agent.fromMda());
    }

    private void notice(StoreNotice notice) {
        at.world.trace(() -> "store: " + notice);
        if (notice.severity() == StoreNotice.Severity.ALARM) {
            at.storeFailed = true;
        }
    }

    private void bootScheduler() {
        SchedulerAgent agent =
                new SchedulerAgent(
                        at.plan.limits().scheduler(),
                        List.of(),
                        new RamRunQueue(
                                at.plan.limits().scheduler(),
                                at.world.random("scheduler " + at.scheduler.life())),
                        at.scheduler);
        agent.connect(at.schedulerQueue.left(), at.controlScheduler.right(), Statistics.NONE);
        at.schedulerQueue.left().serve(agent.queue());
        at.controlScheduler.right().serve(agent.control());
    }

    private void bootMta() {
        Dispatcher.Remote relay =
                new Dispatcher.Remote(
                        "relay",
                        new Dispatcher.Target.Mx(),
                        Dispatcher.Identity.DEFAULT,
                        Dispatcher.RelayTls.DEFAULT,
                        "",
                        Duration.ZERO);
        MtaAgent agent =
                new MtaAgent(
                        new MtaConfig("mx.example", Map.of("relay", relay), at.plan.limits().mta()),
                        new MtaAgent.Peers(at.mtaQueue.left(), at.mtaLka.left(), new Nobody<>()),
                        new MtaAgent.World(
                                at.mta,
                                Statistics.NONE,
                                new Remotes(at),
                                at.world.random("mta " + at.mta.life())));
        at.mtaQueue.left().serve(agent.fromQueue());
        at.mtaLka.left().serve(agent.fromLka());
    }

    private void bootMda() {
        Dispatcher.Local local =
                new Dispatcher.Local(
                        "local",
                        new Dispatcher.Method.Maildir("", false),
                        Dispatcher.Users.SYSTEM,
                        "",
                        Duration.ZERO);
        MdaAgent agent =
                new MdaAgent(
                        List.of(local),
                        at.plan.limits().mda(),
                        new MdaAgent.Ports(
                                at.mdaQueue.left(),
                                at.mdaLka.left(),
                                new Mailboxes(at),
                                at.mda,
                                Statistics.NONE,
                                _ -> {}));
        at.mdaQueue.left().serve(agent.fromQueue());
        at.mdaLka.left().serve((_, _) -> {});
    }

    /// A peer that never runs.
    private static final class Nobody<O, I> implements Peer<O, I> {
        @Override
        public void send(O message) {}

        @Override
        public void answer(long request, O message) {}

        @Override
        public void ask(O request, Duration patience, Consumer<Answer<I>> then) {
            throw new IllegalStateException("nobody is asked");
        }
    }
}
