package smtpd.e2e.sim.router;

import smtpd.core.conf.Dispatcher;
import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;
import smtpd.core.stat.Statistics;
import smtpd.mta.MtaAgent;
import smtpd.mta.MtaConfig;
import smtpd.scheduler.RamRunQueue;
import smtpd.scheduler.SchedulerAgent;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;

/// Scheduler and mta as they are in the daemon, a queue between them, and an [Internet] around
/// them.
final class RouterWorld {
    private static final Envelope.Origin ORIGIN =
            new Envelope.Origin(
                    "", "mx.example.org", "h", "<unknown>", "local", "", Envelope.OriginFlags.NONE);

    final Clockwork clock = new Clockwork();
    final Plan plan;
    final Referee referee;
    final Internet internet;
    final Spool spool;
    private int msgids;

    /// With the queue as a model.
    ///
    /// @param cost what an envelope costs the queue each time it passes
    RouterWorld(Plan plan, SplittableRandom random, Duration cost) {
        this(plan, random, world -> new ModelSpool(world.clock, world.referee, cost));
    }

    /// With the queue as it is in the daemon.
    static RouterWorld withQueue(Plan plan, SplittableRandom random) {
        return new RouterWorld(
                plan, random, world -> new StoreSpool(world.clock, world.referee, random.split()));
    }

    private RouterWorld(
            Plan plan, SplittableRandom random, Function<RouterWorld, Spool> makeSpool) {
        this.plan = plan;
        referee = new Referee(clock, plan.limits().mta().defaults());
        internet = new Internet(clock, random.split(), plan);
        spool = makeSpool.apply(this);
        SchedulerAgent scheduler =
                new SchedulerAgent(
                        plan.limits().scheduler(),
                        List.of(),
                        new RamRunQueue(plan.limits().scheduler(), random.split()),
                        clock);
        scheduler.connect(spool.toScheduler(), Spool.nobody(), Statistics.NONE);
        Dispatcher.Remote action = action(plan.sources() > 0 ? "sources" : "");
        MtaAgent mta =
                new MtaAgent(
                        new MtaConfig(
                                "mx.example.org",
                                Map.of(action.name(), action),
                                plan.limits().mta()),
                        new MtaAgent.Peers(spool.toMta(), internet, Spool.nobody()),
                        new MtaAgent.World(
                                clock,
                                Statistics.NONE,
                                new FarSessions(clock, random.split(), internet, referee),
                                random.split()));
        spool.connect(scheduler.queue(), mta.fromQueue());
        scheduler.queue().attached();
    }

    private static Dispatcher.Remote action(String sources) {
        return new Dispatcher.Remote(
                "relay",
                new Dispatcher.Target.Mx(),
                new Dispatcher.Identity("", "", sources, "", false),
                Dispatcher.RelayTls.DEFAULT,
                "",
                Duration.ZERO);
    }

    /// A message comes in.
    void submit(List<String> rcpts) {
        MsgId msgid = new MsgId(++msgids);
        List<Envelope> message = new ArrayList<>();
        for (String rcpt : rcpts) {
            MailAddr dest = MailAddr.of(rcpt);
            message.add(
                    new Envelope(
                            msgid.envelope(message.size() + 1),
                            ORIGIN,
                            MailAddr.of("sender@example.org"),
                            dest,
                            dest,
                            new Envelope.Target.Mta("relay"),
                            Dsn.NONE,
                            clock.now(),
                            plan.ttl(),
                            Envelope.State.NEW));
        }
        spool.accept(message);
    }

    /// Runs until everything that will come has come to an end, or time is over.
    ///
    /// @param expected envelopes that will come
    void run(int expected, Duration patience) {
        long deadline = patience.toMillis();
        int checked = 0;
        while (clock.millis() < deadline && clock.step()) {
            if (clock.done() / 1000 > checked) {
                checked++;
                if (isDone(expected)) {
                    return;
                }
            }
        }
        if (!isDone(expected)) {
            long left = spool.letters().values().stream().filter(it -> it.delay == null).count();
            referee.complain(left + " of " + expected + " envelopes came to no end");
        }
    }

    boolean isDone(int expected) {
        return spool.letters().size() == expected
                && spool.letters().values().stream().allMatch(it -> it.delay != null);
    }
}
