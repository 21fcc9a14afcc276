package smtpd.mta;

import org.jspecify.annotations.Nullable;

import smtpd.core.conf.Limits;
import smtpd.core.mail.Outcome;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// Decides what happens next to the first task of a relay: which session takes it, or where to
/// connect, or how long to wait, or why it fails.
///
/// ## State
///
/// None of its own: it reads relays, connectors, routes and hosts as they stand.
///
/// ## Questions
///
/// *Is there an open session?* One on the relay's best level of mail exchangers, whoever opened it:
/// a session belongs to a route. *May I connect now?* Limits count connections by host, route,
/// source, connector, relay and domain; pauses separate two connects. A session that has carried
/// all the messages a session may leaves its place to a successor, which need not wait: the number
/// of connections stays what it was. *Which MX?* Lowest preference first, the least used route
/// within a level (RFC 5321 §5.1); the next level only when no route of this one is left. *How long
/// to wait?* Until the first pause is over, or [#LIMIT_RETRY] for a count; who only lacks a
/// connection of its source or to its host stands in line for it, and an idle session is ended to
/// make room.
///
/// ## Limits
///
/// A route that has not proven itself admits one session: a dead host costs one probe, whatever
/// waits for it. A route that has admits what its [Window] says. The last [#RESERVE]th of a
/// source's connections is kept for relays that have none, so that busy or slow destinations never
/// hold them all. Where several sessions are allowed, one is for small messages ([Task#isLarge]):
/// they wait for no large one, only for the pause between two connects; where one is, small and
/// large take turns.
///
/// OpenSMTPD: mta.c, `mta_connect` and `mta_find_route`.
final class Router {
    /// When a count stands in the way, it is looked at again after this.
    static final Duration LIMIT_RETRY = Duration.ofSeconds(5);

    /// Tasks a quick session may hold beside the one it is at, so that it need not wait for us.
    static final int AHEAD_MAX = 4;

    /// A session is quick when its last message took less than this.
    static final Duration QUICK = Duration.ofMillis(100);

    /// One in so many connections of a source is for relays without any.
    static final int RESERVE = 10;

    /// Sessions beyond this number are opened only for twice as many tasks.
    private static final int FREE_SESSIONS = 2;

    private Router() {}

    /// What to do.
    sealed interface Decision {
        /// Hand the task to a session.
        record Give(LiveSession session, Connector connector) implements Decision {}

        /// Open a session, and ask again.
        record Connect(Connector connector, Route route) implements Decision {}

        /// Find the hosts of the domain.
        record Resolve() implements Decision {}

        /// Find a source address.
        record FindSource() implements Decision {}

        /// Ask again then, or when a session reports.
        ///
        /// @param line the source whose connections are all in use, and nothing else is missing
        /// @param crowd the host of which the same is true
        record Wait(Instant until, @Nullable Source line, @Nullable Host crowd)
                implements Decision {}

        /// A session, known to be under way, will report.
        record Await() implements Decision {}

        /// It cannot be delivered.
        record Fail(Failure failure) implements Decision {}
    }

    /// Decides for a relay with at least one waiting task.
    static Decision next(Relay relay, Instant now) {
        if (relay.domain.knowledge instanceof Domain.Knowledge.Unknown) {
            return new Decision.Resolve();
        }
        if (relay.connectors.isEmpty()) {
            return new Decision.FindSource();
        }
        Decision give = give(relay, now, 1);
        if (give != null) {
            return give;
        }
        Search search = new Search(relay, now);
        relay.connectors.values().forEach(search::look);
        if (search.route != null && search.connector != null && worthIt(relay, search, now)) {
            return new Decision.Connect(search.connector, search.route);
        }
        Decision ahead = give(relay, now, AHEAD_MAX);
        if (ahead != null) {
            return ahead;
        }
        if (search.until.isBefore(Instant.MAX)) {
            return new Decision.Wait(search.until, search.line, search.crowd);
        }
        return search.underWay ? new Decision.Await() : new Decision.Fail(search.why());
    }

    /// A session with fewer than `depth` tasks; null if there is none.
    private static Decision.@Nullable Give give(Relay relay, Instant now, int depth) {
        Decision.Give best = null;
        for (Connector connector : relay.connectors.values()) {
            for (Route route : usable(connector, now)) {
                for (LiveSession session : route.sessions) {
                    if (mayTake(session, connector, now, depth)
                            && (best == null
                                    || session.given.size() < best.session().given.size())) {
                        best = new Decision.Give(session, connector);
                    }
                }
            }
        }
        return best;
    }

    /// Whether a session may be given a task of a connector's relay, holding fewer than `depth` so
    /// far. One that served another until now counts as a new one of this, and has finished there.
    static boolean mayTake(LiveSession session, Connector connector, Instant now, int depth) {
        Relay relay = connector.relay;
        if (!session.isOpen()
                || session.given.size() >= depth
                || session.messages >= relay.limits.session().mailMax()
                || now.isBefore(session.readyAt)
                || !(relay.tasks.hasSmall() || takesLarge(session.route, relay))) {
            return false;
        }
        Limits.PerNoun<Integer> most = relay.limits.maxConn();
        boolean counts =
                session.connector == connector
                        || (session.given.isEmpty()
                                && connector.connections < most.connector()
                                && (session.connector.relay == relay
                                        || (relay.connections < most.relay()
                                                && relay.domain.connections < most.domain())));
        return counts && (session.given.isEmpty() || isQuick(session, relay, now));
    }

    /// Whether a route may have one more session at a large message: where it may have several, one
    /// is for small ones.
    static boolean takesLarge(Route route, Relay relay) {
        int most = Math.min(relay.limits.maxConn().route(), route.window.size());
        return most <= 1 || route.atLarge() < most - 1;
    }

    private static boolean isQuick(LiveSession session, Relay relay, Instant now) {
        return session.lastTook != null
                && session.lastTook.compareTo(QUICK) < 0
                && now.isBefore(session.since.plus(QUICK))
                && relay.limits.session().transactionDelay().isZero();
    }

    /// Whether a relay may use a route now: it is on the relay's best level.
    static @Nullable Connector connectorFor(Relay relay, Route route, Instant now) {
        Connector connector = relay.connectors.get(route.key.source());
        return connector != null && usable(connector, now).contains(route) ? connector : null;
    }

    /// The routes of the first level that has one which is connected or may be tried; no route if
    /// all are being left alone.
    private static List<Route> usable(Connector connector, Instant now) {
        if (connector.blocked) {
            return List.of();
        }
        for (Connector.Level level : connector.levels) {
            for (Route route : level.routes()) {
                if (!route.disabled(now) || isConnected(route)) {
                    return level.routes();
                }
            }
        }
        return List.of();
    }

    private static boolean isConnected(Route route) {
        for (LiveSession session : route.sessions) {
            if (session.isOpen()) {
                return true;
            }
        }
        return false;
    }

    /// Whether what waits is worth another session.
    private static boolean worthIt(Relay relay, Search search, Instant now) {
        if (search.sessions == 0) {
            return true;
        }
        if (search.atLarge == search.sessions && relay.tasks.hasSmall()) {
            return true;
        }
        long enough =
                search.sessions <= FREE_SESSIONS
                        ? search.connecting + 1L
                        : Math.max(search.connecting + 1L, 2 * (search.sessions + 1L));
        long waiting = relay.tasks.size();
        for (Relay other : search.bestRoute().hungry) {
            if (waiting >= enough) {
                return true;
            }
            boolean counts = other != relay && connectorFor(other, search.bestRoute(), now) != null;
            waiting += counts ? other.tasks.size() : 0;
        }
        return waiting >= enough;
    }

    /// The look for a place to connect to.
    private static final class Search {
        private final Relay relay;
        private final Limits.MtaLimits limits;
        private final Instant now;
        private @Nullable Connector connector;
        private @Nullable Route route;
        private Instant until = Instant.MAX;
        private @Nullable Source line;
        private @Nullable Host crowd;
        private @Nullable Failure failure;
        private int sessions;
        private int connecting;
        private int atLarge;
        private boolean underWay;

        Search(Relay relay, Instant now) {
            this.relay = relay;
            this.now = now;
            limits = relay.limits;
        }

        Failure why() {
            return failure == null ? Failure.NETWORK : failure;
        }

        Route bestRoute() {
            return java.util.Objects.requireNonNull(route);
        }

        void look(Connector candidate) {
            List<Route> routes = usable(candidate, now);
            if (routes.isEmpty()) {
                Failure why = whyNone(candidate);
                failure = failure == null || weight(why) >= weight(failure) ? why : failure;
                return;
            }
            for (Route one : routes) {
                count(one);
                if (one.disabled(now)) {
                    continue;
                }
                Instant when = allowed(candidate, one);
                if (when.isAfter(now)) {
                    if (when.isBefore(until)) {
                        until = when;
                    }
                } else if (isBetter(candidate, one)) {
                    connector = candidate;
                    route = one;
                }
            }
        }

        /// Of two reasons the one counts that time may mend.
        private static int weight(Failure why) {
            if (why.equals(Failure.FAMILY)) {
                return 0;
            }
            return why.outcome() == Outcome.TEMPFAIL ? 2 : 1;
        }

        private Failure whyNone(Connector candidate) {
            if (candidate.blocked) {
                return Failure.BLOCKED;
            }
            return candidate.levels.isEmpty()
                    ? candidate.none
                    : candidate.levels.getFirst().routes().getFirst().lastFailure;
        }

        private void count(Route one) {
            underWay |= !one.sessions.isEmpty();
            for (LiveSession session : one.sessions) {
                switch (session.state) {
                    case CONNECTING -> {
                        sessions++;
                        connecting++;
                    }
                    case READY -> {
                        sessions++;
                        atLarge += session.isAtLarge() ? 1 : 0;
                    }
                    case CLOSING -> {}
                }
            }
        }

        private boolean isBetter(Connector candidate, Route one) {
            if (route == null || connector == null) {
                return true;
            }
            int byConnector = Integer.compare(candidate.connections, connector.connections);
            if (byConnector != 0) {
                return byConnector < 0;
            }
            int bySource =
                    Integer.compare(candidate.source.connections, connector.source.connections);
            if (bySource != 0) {
                return bySource < 0;
            }
            int bySessions = Integer.compare(one.sessions.size(), route.sessions.size());
            if (bySessions != 0) {
                return bySessions < 0;
            }
            return candidate != connector && candidate.lastConnect.isBefore(connector.lastConnect);
        }

        /// When a connect to the route is allowed: in the past for now, [Instant#MAX] when a
        /// session that is connecting will tell.
        private Instant allowed(Connector candidate, Route one) {
            if (one.trust == Route.Trust.NEW && !one.sessions.isEmpty()) {
                return Instant.MAX;
            }
            if (full(candidate, one)) {
                return now.plus(LIMIT_RETRY);
            }
            if (isFull(one.host.connections, limits.maxConn().host())) {
                crowd = one.host;
                return now.plus(LIMIT_RETRY);
            }
            if (isSourceFull(one.source)) {
                line = one.source;
                return now.plus(LIMIT_RETRY);
            }
            Limits.PerNoun<Duration> pause = limits.connDelay();
            Instant when = one.nextConnect(pause.route(), limits.session().reconnDelayRoute());
            if (one.successors > 0) {
                return when;
            }
            when = Instants.later(when, Instants.plus(one.host.lastConnect, pause.host()));
            when = Instants.later(when, Instants.plus(one.source.lastConnect, pause.source()));
            when = Instants.later(when, Instants.plus(relay.lastConnect, pause.relay()));
            when = Instants.later(when, Instants.plus(candidate.lastConnect, pause.connector()));
            return Instants.later(when, Instants.plus(relay.domain.lastConnect, pause.domain()));
        }

        private boolean full(Connector candidate, Route one) {
            Limits.PerNoun<Integer> most = limits.maxConn();
            return isFull(one.sessions.size(), Math.min(most.route(), one.window.size()))
                    || isFull(candidate.connections, most.connector())
                    || isFull(relay.connections, most.relay())
                    || isFull(relay.domain.connections, most.domain());
        }

        /// Of several connections the last is not for large messages alone.
        private boolean isFull(int count, int most) {
            boolean spare = most > 1 && !relay.tasks.hasSmall();
            return count >= (spare ? most - 1 : most);
        }

        private boolean isSourceFull(Source source) {
            int most = limits.maxConn().source();
            int reserved = relay.connections == 0 ? 0 : most / RESERVE;
            return source.connections >= most - reserved;
        }
    }
}
