package smtpd.mta;

import smtpd.core.imsg.DeliveryResult;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.SessionId;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Opens sessions, hands them messages, hears their reports, and ends those that are idle or late.
final class SessionDesk {
    /// A session has so long to connect, greet and answer EHLO; the sum of the time limits of RFC
    /// 5321 §4.5.3.2 for that, and connecting.
    static final Duration SETUP_MAX = Duration.ofMinutes(12);

    /// A message has so long, plus [#SLOWEST_BYTES] a second: whoever is slower holds a connection
    /// for nothing.
    static final Duration MESSAGE_MAX = Duration.ofMinutes(30);

    /// Least speed of content, in bytes a second.
    static final long SLOWEST_BYTES = 1024;

    /// QUIT has so long.
    static final Duration CLOSING_MAX = Duration.ofSeconds(30);

    /// An idle session that is not the only one of its route stays open for so long.
    static final Duration SPARE_KEEPALIVE = Duration.ofSeconds(1);

    /// A host whose replies came out of step is spoken to in lock step for so long.
    static final Duration LOCK_STEP = Duration.ofHours(1);

    /// Where encryption has failed and nobody insists on it, it is not tried again for so long.
    static final Duration CLEAR_TIME = Duration.ofMinutes(10);

    private final Traffic.Ports ports;
    private final Resolver resolver;
    private final Traffic traffic;

    SessionDesk(Traffic.Ports ports, Resolver resolver, Traffic traffic) {
        this.ports = ports;
        this.resolver = resolver;
        this.traffic = traffic;
    }

    private Instant now() {
        return ports.agenda().now();
    }

    /// Opens a session; the host's reverse name is looked up first, for the log.
    void connect(Connector connector, Route route) {
        Instant now = now();
        SessionId id = new SessionId(ports.random().nextLong());
        LaterSession handle = new LaterSession();
        LiveSession session = new LiveSession(id, route, connector, handle, now);
        route.sessions.add(session);
        route.lastConnect = now;
        route.successors = Math.max(0, route.successors - 1);
        route.host.connections++;
        route.host.lastConnect = now;
        route.source.connections++;
        route.source.lastConnect = now;
        count(session, connector);
        connector.lastConnect = now;
        connector.relay.lastConnect = now;
        connector.relay.domain.lastConnect = now;
        ports.statistics().increment("mta.session");
        if (route.host.ptrState == Host.PtrState.UNKNOWN) {
            resolver.reverseName(route.host, () -> open(session, handle));
        } else {
            open(session, handle);
        }
    }

    private void open(LiveSession session, LaterSession handle) {
        Route route = session.route;
        SessionPlan plan =
                new SessionPlan(
                        session.id,
                        route.key,
                        route.host.ptr,
                        route.name,
                        session.connector.relay.limits.session().maxFailures(),
                        new SessionPlan.Manner(
                                !now().isBefore(route.host.lockStepUntil),
                                !now().isBefore(route.clearUntil)));
        handle.opened(ports.sessions().open(plan, report -> heard(session, report)));
    }

    private void count(LiveSession session, Connector connector) {
        session.connector = connector;
        connector.connections++;
        connector.relay.connections++;
        connector.relay.domain.connections++;
    }

    private void uncount(LiveSession session) {
        session.connector.connections--;
        session.connector.relay.connections--;
        session.connector.relay.domain.connections--;
    }

    /// Hands a session a message; from now on it counts for that message's relay.
    void give(LiveSession session, Connector connector, LiveSession.Given given) {
        if (session.connector != connector) {
            uncount(session);
            count(session, connector);
        }
        if (session.given.isEmpty()) {
            session.since = now();
        }
        session.messages++;
        session.given.add(given);
        session.handle.give(given.whole());
        noteIdle(session);
        if (session.messages >= connector.relay.limits.session().mailMax()) {
            close(session);
            session.route.successors++;
        }
    }

    private void close(LiveSession session) {
        session.state = LiveSession.State.CLOSING;
        if (session.given.isEmpty()) {
            session.since = now();
        }
        session.handle.finish();
        noteIdle(session);
    }

    private static void noteIdle(LiveSession session) {
        Route route = session.route;
        route.host.idle.remove(session);
        route.source.idle.remove(session);
        if (session.isIdle()) {
            route.host.idle.add(session);
            route.source.idle.add(session);
        }
    }

    /// Ends the first of some idle sessions that nobody waits for.
    void makeRoom(Iterable<LiveSession> idle) {
        for (LiveSession session : idle) {
            if (session.route.hungry.isEmpty()) {
                close(session);
                return;
            }
        }
    }

    private void heard(LiveSession session, SessionReport report) {
        switch (report) {
            case SessionReport.Ready _ -> ready(session);
            case SessionReport.Finished finished -> finished(session, finished);
            case SessionReport.Ended ended -> ended(session, ended.verdict());
        }
    }

    private void ready(LiveSession session) {
        if (session.state != LiveSession.State.CONNECTING) {
            return;
        }
        session.state = LiveSession.State.READY;
        session.since = now();
        session.route.prove();
        noteIdle(session);
        feed(session);
        traffic.stir(session.route);
    }

    private void finished(LiveSession session, SessionReport.Finished report) {
        LiveSession.Given done = session.given.poll();
        if (done == null) {
            return;
        }
        Instant now = now();
        session.lastTook = Duration.between(session.since, now);
        session.since = now;
        session.readyAt = now.plus(done.relay().limits.session().transactionDelay());
        if (Traffic.anyTaken(report.results())) {
            session.delivered++;
            session.route.recover();
        }
        if (!report.untried().isEmpty()) {
            // The session will end and say why: nothing more is given to it until then.
            session.state = LiveSession.State.CLOSING;
        }
        answer(done, report, session.route.key.address());
        if (session.isOpen() && isSurplus(session)) {
            close(session);
        }
        noteIdle(session);
        if (session.isOpen()) {
            feed(session);
        }
        if (session.isIdle() && isWantedElsewhere(session.route)) {
            close(session);
        }
    }

    private static boolean isWantedElsewhere(Route route) {
        boolean lines = !route.host.waiting.isEmpty() || !route.source.waiting.isEmpty();
        return lines && route.hungry.isEmpty();
    }

    /// Tells each relay what became of its share.
    ///
    /// @param address the session's host
    private void answer(LiveSession.Given done, SessionReport.Finished report, String address) {
        if (done.parts().size() == 1) {
            traffic.answered(done.relay(), done.whole(), report, address);
            return;
        }
        Map<EvpId, DeliveryResult> results = byId(report.results());
        Map<EvpId, DeliveryResult> unfit = byId(report.unfit());
        Set<EvpId> untried = new HashSet<>(report.untried());
        for (LiveSession.Given.Part part : done.parts()) {
            List<DeliveryResult> own = new ArrayList<>();
            List<EvpId> rest = new ArrayList<>();
            List<DeliveryResult> elsewhere = new ArrayList<>();
            for (Envelope envelope : part.task().envelopes()) {
                DeliveryResult result = results.get(envelope.id());
                DeliveryResult lacking = unfit.get(envelope.id());
                if (result != null) {
                    own.add(result);
                } else if (lacking != null) {
                    elsewhere.add(lacking);
                } else if (untried.contains(envelope.id())) {
                    rest.add(envelope.id());
                }
            }
            traffic.answered(
                    part.relay(),
                    part.task(),
                    new SessionReport.Finished(own, rest, elsewhere),
                    address);
        }
    }

    private static Map<EvpId, DeliveryResult> byId(List<DeliveryResult> results) {
        Map<EvpId, DeliveryResult> byId = new HashMap<>();
        results.forEach(result -> byId.put(result.id(), result));
        return byId;
    }

    /// Whether its route has more sessions than its server bears.
    private static boolean isSurplus(LiveSession session) {
        return session.route.open() > session.route.window.size();
    }

    /// Gives a session what waits for its route, one relay after the other.
    private void feed(LiveSession session) {
        Instant now = now();
        if (now.isBefore(session.readyAt)) {
            ports.agenda().after(Duration.between(now, session.readyAt), () -> feed(session));
            return;
        }
        int depth = session.lastTook == null ? 1 : Router.AHEAD_MAX;
        Route route = session.route;
        for (int n = route.hungry.size(); n > 0 && !route.hungry.isEmpty(); n--) {
            Relay relay = route.hungry.iterator().next();
            Connector connector = Router.connectorFor(relay, route, now);
            if (connector != null
                    && Router.mayTake(session, connector, now, depth)
                    && !traffic.isGathering(relay, route, now)) {
                give(session, connector, traffic.next(relay, route));
                n = route.hungry.size() + 1;
            }
            toTheEnd(route, relay);
            if (!session.isOpen() || session.given.size() >= depth) {
                return;
            }
        }
    }

    /// Whoever was served comes after the others.
    private static void toTheEnd(Route route, Relay relay) {
        if (route.hungry.remove(relay) && !relay.tasks.isEmpty()) {
            route.hungry.add(relay);
        }
    }

    private void ended(LiveSession session, RouteVerdict verdict) {
        Route route = session.route;
        if (!route.sessions.remove(session)) {
            return;
        }
        Instant now = now();
        route.lastDisconnect = now;
        route.host.connections--;
        route.source.connections--;
        uncount(session);
        if (session.state == LiveSession.State.CONNECTING) {
            unpause(session.connector);
        }
        ports.statistics().decrement("mta.session");
        judge(session, verdict, now);
        List<LiveSession.Given> untouched = new ArrayList<>(session.given);
        session.given.clear();
        for (LiveSession.Given given : untouched.reversed()) {
            given.parts().reversed().forEach(it -> traffic.returned(it.relay(), it.task()));
        }
        route.host.idle.remove(session);
        route.source.idle.remove(session);
        traffic.serve(route.source);
        traffic.serve(route.host);
        traffic.stir(route);
        traffic.drive(session.connector.relay);
    }

    /// A connect that came to nothing makes nobody wait but its own route: the next exchanger is
    /// tried at once.
    private static void unpause(Connector connector) {
        connector.lastConnect = Instant.MIN;
        connector.source.lastConnect = Instant.MIN;
        connector.relay.lastConnect = Instant.MIN;
        connector.relay.domain.lastConnect = Instant.MIN;
    }

    private void judge(LiveSession session, RouteVerdict verdict, Instant now) {
        Route route = session.route;
        switch (verdict) {
            case RouteVerdict.Fine _ -> {}
            case RouteVerdict.Network _ -> {
                if (session.delivered == 0) {
                    punish(route, Failure.NETWORK, now);
                } else {
                    route.stumble();
                }
            }
            case RouteVerdict.Refused refused -> punish(route, Failure.of(refused.reply()), now);
            case RouteVerdict.Untrusted untrusted ->
                    punish(route, Failure.untrusted(untrusted.reason()), now);
            case RouteVerdict.NoEncryption _ -> {
                // nobody insists: the next session goes at once, in clear
                route.clearUntil = now.plus(CLEAR_TIME);
                route.successors++;
            }
            case RouteVerdict.Broken broken -> {
                if (broken.step() == RouteVerdict.Step.OUT_OF_STEP) {
                    route.host.lockStepUntil = now.plus(LOCK_STEP);
                    route.errors++;
                } else {
                    punish(route, Failure.protocol(broken.reason()), now);
                }
            }
        }
    }

    private void punish(Route route, Failure why, Instant now) {
        route.fail(why, now);
        Duration time = Penalty.of(route.penalty);
        ports.log().disabling(route, time);
        Instant until = route.disabledUntil;
        ports.agenda().after(time, () -> enable(route, until));
    }

    private void enable(Route route, Instant until) {
        if (route.disabledUntil.equals(until)) {
            ports.log().enabling(route);
            traffic.stir(route);
        }
    }

    /// Ends sessions that have been idle for long enough, and breaks off those that are late.
    void sweep(Collection<Route> routes) {
        Instant now = now();
        for (Route route : routes) {
            for (LiveSession session : List.copyOf(route.sessions)) {
                sweep(session, now);
            }
        }
    }

    private void sweep(LiveSession session, Instant now) {
        if (session.isIdle()) {
            Duration keepalive = session.connector.relay.limits.session().keepalive();
            boolean spare = session.route.sessions.size() > 1;
            Duration patience =
                    spare && SPARE_KEEPALIVE.compareTo(keepalive) < 0 ? SPARE_KEEPALIVE : keepalive;
            if (!now.isBefore(session.since.plus(patience))) {
                close(session);
            }
        } else if (now.isAfter(session.since.plus(longest(session)))) {
            session.since = now;
            session.handle.abort();
        }
    }

    private static Duration longest(LiveSession session) {
        LiveSession.Given given = session.given.peek();
        if (given != null) {
            return MESSAGE_MAX.plusSeconds(given.whole().size() / SLOWEST_BYTES);
        }
        return session.state == LiveSession.State.CONNECTING ? SETUP_MAX : CLOSING_MAX;
    }

    /// The queue that gave us the messages is gone: sessions that are at one leave it.
    void forgetTasks(Collection<Route> routes) {
        for (Route route : routes) {
            for (LiveSession session : List.copyOf(route.sessions)) {
                if (!session.given.isEmpty()) {
                    session.given.stream()
                            .flatMap(given -> given.parts().stream())
                            .forEach(it -> traffic.dropped(it.relay(), it.task()));
                    session.given.clear();
                    session.state = LiveSession.State.CLOSING;
                    session.since = now();
                    session.handle.drop();
                }
            }
        }
    }

    /// A session whose opening waits for a reverse name; what it is told meanwhile is kept.
    private static final class LaterSession implements OpenSession {
        private final List<java.util.function.Consumer<OpenSession>> told = new ArrayList<>();
        private @org.jspecify.annotations.Nullable OpenSession real;

        void opened(OpenSession session) {
            real = session;
            told.forEach(word -> word.accept(session));
            told.clear();
        }

        private void tell(java.util.function.Consumer<OpenSession> word) {
            if (real == null) {
                told.add(word);
            } else {
                word.accept(real);
            }
        }

        @Override
        public void give(Task task) {
            tell(session -> session.give(task));
        }

        @Override
        public void finish() {
            tell(OpenSession::finish);
        }

        @Override
        public void abort() {
            tell(OpenSession::abort);
        }

        @Override
        public void drop() {
            tell(OpenSession::drop);
        }
    }
}
