package smtpd.mta;

import smtpd.core.conf.Dispatcher;
import smtpd.core.imsg.DeliveryResult;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.Outcome;
import smtpd.core.mail.SessionId;
import smtpd.core.proc.Agenda;
import smtpd.core.stat.Statistics;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.random.RandomGenerator;

/// Relays with their waiting messages, sessions with theirs, and how the one gets to the other:
/// does what [Router] decides.
///
/// ## Invariants
///
/// A task is in exactly one place: waiting in a relay, or given to a session. Whatever ends a
/// session, each envelope of each task comes to exactly one result, or back to its relay.
final class Traffic {
    /// How often a message may come back from sessions untried before it is deferred.
    static final int ATTEMPTS_MAX = 3;

    /// Most recipients of one transaction: what RFC 5321 §4.5.3.1.8 asks of a server ten times
    /// over, and what the scheduler hands out at once.
    static final int RCPTS_MAX = 1000;

    /// A message for several domains waits so long for the last of them to be found in DNS, so that
    /// those with one mail exchanger go out together.
    static final Duration GATHER = Duration.ofMillis(250);

    private final Map<RelayKey, Relay> relays = new LinkedHashMap<>();
    private final Map<DomainKey, Domain> domains = new LinkedHashMap<>();
    private final Companions companions = new Companions();

    /// Relays that were given a task a moment ago and not looked at since.
    private final Set<Relay> fresh = new LinkedHashSet<>();

    private final Lookups lookups;
    private final SessionDesk desk;
    private final Network network;
    private final Outcomes outcomes;
    private final Agenda agenda;
    private final Statistics statistics;
    private final MtaConfig config;
    private long relayIds;

    private record DomainKey(RelayKey.Kind kind, String name, int port) {}

    /// Finds what a relay lacks; ends in [#drive] or [#fail].
    interface Lookups {
        /// The hosts of its domain.
        void resolve(Relay relay);

        /// A source address.
        void findSource(Relay relay);
    }

    /// The ports a [Traffic] needs.
    record Ports(
            Agenda agenda,
            Statistics statistics,
            Sessions sessions,
            RandomGenerator random,
            MailLog log,
            StsPolicies policies) {}

    Traffic(MtaConfig config, Ports ports, Network network, Outcomes outcomes, Resolver resolver) {
        this.config = config;
        this.network = network;
        this.outcomes = outcomes;
        agenda = ports.agenda();
        statistics = ports.statistics();
        lookups = new RelayLookups(config, resolver, network, this, ports);
        desk = new SessionDesk(ports, resolver, this);
    }

    Iterable<Relay> relays() {
        return relays.values();
    }

    SessionDesk desk() {
        return desk;
    }

    /// The relay of a destination, made when it is new.
    private Relay relay(RelayKey key) {
        RelayKey.NextHop hop = key.hop();
        Relay known = relays.get(key);
        if (known != null) {
            return known;
        }
        Domain domain = domain(hop);
        Relay relay =
                new Relay(++relayIds, key, domain, config.limits().of(hop.name()), agenda.now());
        domain.relays.add(relay);
        relays.put(key, relay);
        statistics.increment("mta.relay");
        return relay;
    }

    private Domain domain(RelayKey.NextHop hop) {
        return domains.computeIfAbsent(
                new DomainKey(hop.kind(), hop.name(), hop.port()),
                key -> {
                    statistics.increment("mta.domain");
                    return new Domain(key.name(), key.kind(), key.port());
                });
    }

    /// Takes a task into a relay, or parks it with the scheduler when the relay has enough;
    /// [#driveFresh] must follow.
    void add(Dispatcher.Remote action, RelayKey.NextHop hop, Task task) {
        Relay relay = relay(new RelayKey(action, hop));
        relay.lastUse = agenda.now();
        boolean parkedBefore = relay.marks.parked();
        relay.marks.arrived(task.envelopes().size());
        if (relay.marks.hold(relay.load())) {
            outcomes.hold(relay, task, parkedBefore);
            return;
        }
        enqueue(relay, task);
    }

    private void enqueue(Relay relay, Task task) {
        statistics.increment("mta.task");
        statistics.add("mta.envelope", task.envelopes().size());
        relay.tasks.add(task);
        companions.add(relay, task, agenda.now());
        if (relay.tasks.size() == 1) {
            setHungry(relay);
        }
        fresh.add(relay);
    }

    /// Everything that came together has been added: now it is seen to.
    void driveFresh() {
        while (!fresh.isEmpty()) {
            Relay relay = fresh.iterator().next();
            fresh.remove(relay);
            drive(relay);
        }
    }

    /// A task's way to nowhere.
    void fail(Task task, Failure failure) {
        statistics.increment("mta.task");
        statistics.add("mta.envelope", task.envelopes().size());
        outcomes.failed(task, failure, "-");
        finished(task);
    }

    /// Does what there is to do for a relay, until it has to wait for something.
    void drive(Relay relay) {
        while (!relay.tasks.isEmpty()) {
            Instant now = agenda.now();
            switch (Router.next(relay, now)) {
                case Router.Decision.Give give
                        when isGathering(relay, give.session().route, now) -> {
                    return;
                }
                case Router.Decision.Give give ->
                        desk.give(
                                give.session(),
                                give.connector(),
                                next(relay, give.session().route));
                case Router.Decision.Connect it -> {
                    desk.connect(it.connector(), it.route());
                    if (!sourceTable(relay).isEmpty()) {
                        lookups.findSource(relay);
                    }
                }
                case Router.Decision.Resolve _ -> {
                    lookups.resolve(relay);
                    return;
                }
                case Router.Decision.FindSource _ -> {
                    lookups.findSource(relay);
                    return;
                }
                case Router.Decision.Wait wait -> {
                    wakeAt(relay, wait.until());
                    standInLine(relay, wait);
                    return;
                }
                case Router.Decision.Await _ -> {
                    return;
                }
                case Router.Decision.Fail it -> {
                    fail(relay, it.failure());
                    return;
                }
            }
        }
    }

    private void standInLine(Relay relay, Router.Decision.Wait wait) {
        if (wait.line() != null && wait.line().waiting.add(relay)) {
            desk.makeRoom(wait.line().idle);
        }
        if (wait.crowd() != null && wait.crowd().waiting.add(relay)) {
            desk.makeRoom(wait.crowd().idle);
        }
    }

    static String sourceTable(Relay relay) {
        return relay.key.action().identity().src();
    }

    /// Whether the next task of a relay for a route had better wait for others of its message,
    /// which may turn out to go the same way; then it is looked at again in time.
    boolean isGathering(Relay relay, Route route, Instant now) {
        Task first = relay.tasks.next(Router.takesLarge(route, relay));
        if (first == null || !companions.areResolving(first.msgid())) {
            return false;
        }
        Instant since = companions.since(first.msgid());
        if (since == null || !now.isBefore(since.plus(GATHER))) {
            return false;
        }
        wakeAt(relay, since.plus(GATHER));
        return true;
    }

    /// The next task, on its way to a session of a route, with whatever else of its message can go
    /// there.
    LiveSession.Given next(Relay relay, Route route) {
        List<LiveSession.Given.Part> parts = new ArrayList<>();
        boolean large = Router.takesLarge(route, relay);
        Task first = Objects.requireNonNull(relay.tasks.next(large));
        parts.add(start(relay, first));
        int rcpts = first.envelopes().size();
        int most = large ? RCPTS_MAX : Task.SMALL_RCPTS_MAX;
        Instant now = agenda.now();
        for (Relay other : companions.of(first.msgid())) {
            if (Router.connectorFor(other, route, now) == null) {
                continue;
            }
            for (Task task : other.tasks.joining(first)) {
                if (rcpts + task.envelopes().size() <= most) {
                    rcpts += task.envelopes().size();
                    parts.add(start(other, task));
                }
            }
        }
        return LiveSession.Given.of(parts);
    }

    private LiveSession.Given.Part start(Relay relay, Task task) {
        relay.tasks.take(task);
        companions.remove(relay, task);
        relay.running++;
        statistics.increment("mta.task.running");
        if (relay.tasks.isEmpty()) {
            setSated(relay);
        }
        return new LiveSession.Given.Part(relay, task);
    }

    private void setHungry(Relay relay) {
        eachRoute(relay, route -> route.hungry.add(relay));
    }

    private void setSated(Relay relay) {
        eachRoute(relay, route -> route.hungry.remove(relay));
    }

    private static void eachRoute(Relay relay, java.util.function.Consumer<Route> action) {
        for (Connector connector : relay.connectors.values()) {
            for (Connector.Level level : connector.levels) {
                level.routes().forEach(action);
            }
        }
    }

    private void wakeAt(Relay relay, Instant when) {
        if (!when.isBefore(relay.wake)) {
            return;
        }
        relay.wake = when;
        agenda.after(Duration.between(agenda.now(), when), () -> wake(relay, when));
    }

    private void wake(Relay relay, Instant when) {
        if (relay.wake.equals(when)) {
            relay.wake = Instant.MAX;
            drive(relay);
        }
    }

    /// Replaces the routes of a connector.
    void setLevels(Connector connector, List<Connector.Level> levels) {
        Relay relay = connector.relay;
        setSated(relay);
        connector.levels.forEach(level -> level.routes().forEach(route -> route.users--));
        connector.levels = levels;
        levels.forEach(level -> level.routes().forEach(route -> route.users++));
        if (!relay.tasks.isEmpty()) {
            setHungry(relay);
        }
    }

    /// Nothing that waits for a relay can go out.
    void fail(Relay relay, Failure failure) {
        List<Task> waiting = relay.tasks.list();
        forgetWaiting(relay);
        if (!waiting.isEmpty()) {
            outcomes.relayFailed(relay, failure);
        }
        for (Task task : waiting) {
            finished(task);
            relay.marks.done(agenda.now());
            if (!outcomes.elsewhere(relay, task, failure)) {
                outcomes.failed(task, failure, relay.domain.name);
            }
        }
        refill(relay);
    }

    private void forgetWaiting(Relay relay) {
        relay.tasks.forEach(task -> companions.remove(relay, task));
        relay.tasks.clear();
        setSated(relay);
    }

    /// A session has answered for the task it was at.
    ///
    /// @param address the host it is with
    void answered(Relay relay, Task task, SessionReport.Finished report, String address) {
        relay.running--;
        statistics.decrement("mta.task.running");
        relay.lastUse = agenda.now();
        outcomes.report(task, report.results());
        moveOn(relay, task, report.unfit(), address);
        List<Envelope> rest = rest(task, report.untried());
        if (rest.isEmpty()) {
            finished(task);
            relay.marks.done(agenda.now());
            refill(relay);
        } else {
            statistics.add("mta.envelope", rest.size() - task.envelopes().size());
            putBack(relay, task.again(rest));
        }
        driveFresh();
    }

    /// What a host cannot be given is for the other hosts of the destination: to those that need
    /// the same they are a relay of their own. Only when none of them is left it fails for good
    /// (RFC 6531 §3.5, RFC 6152 §3).
    private void moveOn(Relay relay, Task task, List<DeliveryResult> unfit, String address) {
        Map<Failure, List<EvpId>> reasons = new LinkedHashMap<>();
        for (DeliveryResult one : unfit) {
            Failure why = new Failure(one.outcome(), one.status(), one.text());
            reasons.computeIfAbsent(why, _ -> new ArrayList<>()).add(one.id());
        }
        reasons.forEach((why, ids) -> {
            Relay others = relay(relay.key.without(address, why));
            others.lastUse = agenda.now();
            enqueue(others, task.of(rest(task, ids)));
        });
    }

    private static List<Envelope> rest(Task task, List<EvpId> untried) {
        return untried.isEmpty()
                ? List.of()
                : task.envelopes().stream().filter(it -> untried.contains(it.id())).toList();
    }

    /// A task that a session was given and never looked at.
    void returned(Relay relay, Task task) {
        relay.running--;
        statistics.decrement("mta.task.running");
        putBack(relay, task);
    }

    private void putBack(Relay relay, Task task) {
        if (task.attempts() >= ATTEMPTS_MAX) {
            finished(task);
            if (!outcomes.elsewhere(relay, task, Failure.NETWORK)) {
                outcomes.failed(task, Failure.NETWORK, relay.domain.name);
            }
            return;
        }
        relay.tasks.putBack(task);
        companions.add(relay, task, agenda.now());
        setHungry(relay);
    }

    private void finished(Task task) {
        statistics.decrement("mta.task");
        statistics.add("mta.envelope", -task.envelopes().size());
    }

    private void refill(Relay relay) {
        outcomes.refill(relay, agenda.now());
        if (relay.marks.parked() && relay.load() == 0) {
            agenda.after(Duration.ofMillis(1100), () -> outcomes.refill(relay, agenda.now()));
        }
    }

    /// Everything that waits for a route may have something to do now.
    void stir(Route route) {
        for (Relay relay : List.copyOf(route.hungry)) {
            drive(relay);
        }
    }

    /// A connection of a source has become free: who stands in line for one comes first.
    void serve(Source source) {
        serve(source.waiting, () -> source.connections);
    }

    /// The same of a host.
    void serve(Host host) {
        serve(host.waiting, () -> host.connections);
    }

    private void serve(Set<Relay> waiting, IntSupplier connections) {
        for (int n = waiting.size(); n > 0 && !waiting.isEmpty(); n--) {
            Relay relay = waiting.iterator().next();
            waiting.remove(relay);
            int before = connections.getAsInt();
            drive(relay);
            if (waiting.contains(relay) && connections.getAsInt() == before) {
                return;
            }
        }
    }

    /// What the operator has stopped has changed.
    void blocksChanged() {
        for (Relay relay : List.copyOf(relays.values())) {
            for (Connector connector : relay.connectors.values()) {
                connector.blocked = network.blocks.has(connector.source.address, relay.domain.name);
            }
            drive(relay);
        }
    }

    /// Looks at everything that may be late, idle or forgotten.
    void sweep() {
        desk.sweep(network.routes.values());
        List<Relay> all = new ArrayList<>(relays.values());
        for (Relay relay : all) {
            outcomes.refill(relay, agenda.now());
            if (relay.isIdle() && agenda.now().isAfter(relay.lastUse.plus(RelayLookups.FRESH))) {
                forget(relay);
            }
        }
        network.prune(agenda.now());
    }

    private void forget(Relay relay) {
        for (Connector connector : relay.connectors.values()) {
            setLevels(connector, List.of());
            statistics.decrement("mta.connector");
        }
        network.sources.values().forEach(source -> source.waiting.remove(relay));
        network.hosts.values().forEach(host -> host.waiting.remove(relay));
        relays.remove(relay.key);
        relay.domain.relays.remove(relay);
        statistics.decrement("mta.relay");
        if (relay.domain.relays.isEmpty()) {
            domains.remove(new DomainKey(relay.domain.kind, relay.domain.name, relay.domain.port));
            statistics.decrement("mta.domain");
        }
    }

    /// The queue that gave us everything is gone: nothing of it may go on.
    void forgetTasks() {
        for (Relay relay : relays.values()) {
            relay.tasks.forEach(this::finished);
            forgetWaiting(relay);
            relay.marks.reset();
        }
        desk.forgetTasks(network.routes.values());
    }

    /// A task of a queue that is gone, while a session was at it.
    void dropped(Relay relay, Task task) {
        relay.running--;
        statistics.decrement("mta.task.running");
        finished(task);
    }

    /// Turns a failure into the result of each envelope.
    static List<DeliveryResult> results(List<Envelope> envelopes, Failure failure) {
        List<DeliveryResult> results = new ArrayList<>(envelopes.size());
        for (Envelope envelope : envelopes) {
            results.add(
                    new DeliveryResult(
                            envelope.id(),
                            failure.outcome(),
                            failure.status(),
                            failure.text(),
                            false));
        }
        return results;
    }

    /// What becomes known of tasks.
    interface Outcomes {
        /// The relay has enough.
        void hold(Relay relay, Task task, boolean parkedBefore);

        /// Tries another relay host of the same action.
        ///
        /// @return false if there is none
        boolean elsewhere(Relay relay, Task task, Failure failure);

        /// No session was asked.
        void failed(Task task, Failure failure, String where);

        /// A session's results.
        void report(Task task, List<DeliveryResult> results);

        /// The relay's destination failed as a whole.
        void relayFailed(Relay relay, Failure failure);

        /// Asks for more where the relay has room.
        void refill(Relay relay, Instant now);
    }

    /// For logs of what no session did.
    static MailLog.Way noSession(String where) {
        return new MailLog.Way(SessionId.NONE, "-", where);
    }

    /// Whether a recipient was taken.
    static boolean anyTaken(List<DeliveryResult> results) {
        return results.stream().anyMatch(result -> result.outcome() == Outcome.OK);
    }
}
