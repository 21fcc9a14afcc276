package smtpd.mta;

import smtpd.core.imsg.ControlToMta;
import smtpd.core.imsg.DeliveryResult;
import smtpd.core.imsg.Done;
import smtpd.core.imsg.Lines;
import smtpd.core.imsg.LkaToMta;
import smtpd.core.imsg.MtaToControl;
import smtpd.core.imsg.MtaToLka;
import smtpd.core.imsg.MtaToQueue;
import smtpd.core.imsg.QueueToMta;
import smtpd.core.imsg.Trace;
import smtpd.core.imsg.Verbose;
import smtpd.core.log.Logging;
import smtpd.core.log.Traces;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.Outcome;
import smtpd.core.proc.Agenda;
import smtpd.core.proc.Inbox;
import smtpd.core.proc.Peer;
import smtpd.core.stat.Statistics;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// The mta's agent: takes envelopes from the queue, sees to it that sessions carry them, and tells
/// the queue how they fared.
///
/// Single-threaded: every message, timer and session report runs in its mailbox. The arms of its
/// edges are one call each; [Destinations] finds the relay of an envelope, [Traffic] moves tasks,
/// [Router] decides.
public final class MtaAgent {
    /// How often idle and late sessions are looked for.
    static final Duration SWEEP = Duration.ofSeconds(1);

    private final Peers peers;
    private final Agenda agenda;
    private final MailLog log;
    private final Results results;
    private final Network network;
    private final Traffic traffic;
    private final Destinations destinations;
    private final StsPolicies policies;
    private final HostStats hostStats;

    /// The processes it speaks with. control is answered, never asked.
    public record Peers(
            Peer<MtaToQueue, QueueToMta> queue,
            Peer<MtaToLka, LkaToMta> lka,
            Peer<MtaToControl, ControlToMta> control) {}

    /// What it needs of the world.
    ///
    /// @param agenda time
    /// @param statistics where it counts
    /// @param sessions opens sessions
    /// @param random session ids, and the order of hosts of equal preference
    /// @param fetch gets policies of domains
    public record World(
            Agenda agenda,
            Statistics statistics,
            Sessions sessions,
            RandomGenerator random,
            StsPolicies.Fetch fetch) {
        /// A world without policies.
        public World(
                Agenda agenda, Statistics statistics, Sessions sessions, RandomGenerator random) {
            this(
                    agenda,
                    statistics,
                    sessions,
                    random,
                    (domain, then) ->
                            agenda.after(
                                    Duration.ZERO,
                                    () -> then.accept(new StsPolicies.Fetch.Result.None("none"))));
        }
    }

    /// Starts its first sweep.
    public MtaAgent(MtaConfig config, Peers peers, World world) {
        this.peers = peers;
        agenda = world.agenda();
        log = new MailLog();
        hostStats = new HostStats(config.limits().maxDeferred());
        results = new Results(peers.queue(), agenda);
        network = new Network(world.statistics());
        Resolver resolver =
                new Resolver(
                        peers.lka(),
                        agenda,
                        config.hostname(),
                        list -> shuffle(list, world.random()));
        policies =
                new StsPolicies(
                        world.fetch(),
                        config.peers().sts() ? Optional.of(peers.control()) : Optional.empty(),
                        agenda,
                        world.statistics(),
                        log);
        Traffic.Ports ports =
                new Traffic.Ports(
                        agenda,
                        world.statistics(),
                        world.sessions(),
                        world.random(),
                        log,
                        policies);
        traffic = new Traffic(config, ports, network, new Told(), resolver);
        destinations = new Destinations(config, resolver, agenda, new Found());
        agenda.after(SWEEP, this::sweep);
    }

    private static void shuffle(List<?> list, RandomGenerator random) {
        Collections.shuffle(list, random);
    }

    private void sweep() {
        traffic.sweep();
        destinations.prune();
        policies.prune();
        agenda.after(SWEEP, this::sweep);
    }

    /// What the queue says arrives here.
    public Inbox<QueueToMta> fromQueue() {
        return new FromQueue();
    }

    /// What lka says arrives here: it only answers.
    public Inbox<LkaToMta> fromLka() {
        return (request, message) -> {};
    }

    /// What control says arrives here.
    public Inbox<ControlToMta> fromControl() {
        return new FromControl();
    }

    /// The queue's edge. Content goes straight to the session that asked for it.
    private final class FromQueue implements Inbox<QueueToMta> {
        @Override
        public void receive(long request, QueueToMta message) {
            if (message instanceof QueueToMta.Transfer transfer) {
                destinations.take(transfer);
            }
        }

        @Override
        public void detached() {
            results.forget();
            destinations.forgetTasks();
            traffic.forgetTasks();
        }
    }

    /// control's edge.
    private final class FromControl implements Inbox<ControlToMta> {
        @Override
        public void receive(long request, ControlToMta message) {
            switch (message) {
                case Verbose it -> Logging.verbose(it.on());
                case Trace it -> Traces.set(it.subsystem(), it.on());
                case ControlToMta.Show it -> show(request, it);
                case ControlToMta.ResumeRoute it -> resume(request, it.route());
                case ControlToMta.Policies _ -> {
                    // comes as an answer only
                }
                case ControlToMta.Block it -> block(request, it);
                case ControlToMta.Summarize it -> summarize(request, it);
            }
        }
    }

    private void show(long request, ControlToMta.Show it) {
        Instant now = agenda.now();
        List<String> lines =
                switch (it.what()) {
                    case RELAYS -> Listings.relays(traffic.relays(), now);
                    case ROUTES -> Listings.routes(network.routes.values(), now);
                    case HOSTS -> Listings.hosts(network, now);
                    case HOSTSTATS -> Listings.bounded(hostStats.lines(now));
                    case PAUSED -> Listings.bounded(network.blocks.lines());
                };
        peers.control().answer(request, new Lines(lines));
    }

    private void summarize(long request, ControlToMta.Summarize it) {
        int max = Math.clamp(it.routes(), 1, Listings.SUMMARY_MAX);
        peers.control()
                .answer(request, Listings.summary(network.routes.values(), max, agenda.now()));
    }

    /// An unknown route is no error: it may just have been forgotten (OpenSMTPD: the same).
    private void resume(long request, long id) {
        for (Route route : List.copyOf(network.routes.values())) {
            if (route.id == id) {
                route.forgive();
                traffic.stir(route);
            }
        }
        peers.control().answer(request, new Done(true, ""));
    }

    private void block(long request, ControlToMta.Block it) {
        boolean changed = network.blocks.set(it.source(), it.domain(), it.on());
        if (changed) {
            traffic.blocksChanged();
        }
        String already = it.on() ? "it is paused already" : "it is not paused";
        peers.control().answer(request, new Done(changed, changed ? "" : already));
    }

    /// Where tasks go when their destination is known.
    private final class Found implements Destinations.Deliveries {
        @Override
        public void add(smtpd.core.conf.Dispatcher.Remote action, RelayKey.NextHop hop, Task task) {
            traffic.add(action, hop, task);
        }

        @Override
        public void fail(Task task, Failure failure) {
            traffic.fail(task, failure);
        }

        @Override
        public void go() {
            traffic.driveFresh();
        }
    }

    /// What is told of tasks, to queue and log.
    private final class Told implements Traffic.Outcomes {
        @Override
        public void hold(Relay relay, Task task, boolean parkedBefore) {
            if (!parkedBefore) {
                log.hiwat(relay);
            }
            List<EvpId> ids = task.envelopes().stream().map(Envelope::id).toList();
            peers.queue().send(new MtaToQueue.Hold(ids, relay.id));
        }

        @Override
        public void failed(Task task, Failure failure, String where) {
            List<DeliveryResult> failed = Traffic.results(task.envelopes(), failure);
            for (int i = 0; i < failed.size(); i++) {
                log.delivery(
                        Traffic.noSession(where),
                        task.envelopes().get(i),
                        task.sender(),
                        failed.get(i),
                        agenda.now());
            }
            report(task, failed);
            for (Envelope envelope : task.envelopes()) {
                hostStats.defer(envelope.dest().domainKey(), envelope.id());
            }
        }

        @Override
        public boolean elsewhere(Relay relay, Task task, Failure failure) {
            boolean others =
                    failure.outcome() == Outcome.TEMPFAIL
                            || failure.equals(relay.key.without().why());
            return others && destinations.elsewhere(relay.key, task, failure);
        }

        @Override
        public void report(Task task, List<DeliveryResult> all) {
            results.add(all);
            List<EvpId> woken = new ArrayList<>();
            Map<EvpId, Envelope> byId = new HashMap<>();
            task.envelopes().forEach(envelope -> byId.put(envelope.id(), envelope));
            for (DeliveryResult result : all) {
                Envelope envelope = byId.get(result.id());
                if (envelope != null) {
                    hostStats.note(envelope.dest().domainKey(), result.text(), agenda.now());
                    if (result.outcome() == Outcome.OK) {
                        hostStats
                                .recovered(envelope.dest().domainKey())
                                .forEach(it -> woken.add(it));
                    }
                }
            }
            if (!woken.isEmpty()) {
                peers.queue().send(new MtaToQueue.Schedule(woken));
            }
        }

        @Override
        public void relayFailed(Relay relay, Failure failure) {
            log.relayError(relay, failure.text());
        }

        @Override
        public void refill(Relay relay, Instant now) {
            switch (relay.marks.next(relay.load(), now)) {
                case HoldMarks.Ask.Nothing _ -> {}
                case HoldMarks.Ask.Some some -> {
                    peers.queue().send(new MtaToQueue.Release(relay.id, some.count()));
                }
            }
        }
    }
}
