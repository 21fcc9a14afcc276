package smtpd.mta;

import smtpd.core.conf.Limits;
import smtpd.core.imsg.RouteSummary;
import smtpd.core.mail.Delay;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/// What `smtpctl show relays`, `show routes` and `show hosts` print (smtpctl(8)).
final class Listings {
    /// Lines of one listing; beyond it the last says how many more there are.
    static final int LINES_MAX = 2000;

    /// Routes in a summary.
    static final int SUMMARY_MAX = 200;

    private Listings() {}

    /// Each relay, then its connectors, indented.
    static List<String> relays(Iterable<Relay> relays, Instant now) {
        List<String> lines = new ArrayList<>();
        for (Relay relay : relays) {
            lines.add(
                    relay
                            + (" refcount=" + (relay.connectors.size() + relay.connections))
                            + (" ntask=" + relay.load())
                            + (" nconn=" + relay.connections)
                            + (" lastconn=" + ago(relay.lastConnect, now))
                            + (" timeout=" + until(relay.wake, now))
                            + (" wait=" + waits(relay))
                            + (relay.marks.parked() ? "ONHOLD" : ""));
            for (Connector connector : relay.connectors.values()) {
                lines.add(
                        "  connector "
                                + connector.source.word()
                                + (" refcount=" + (1 + connector.connections))
                                + (" nconn=" + connector.connections)
                                + (" lastconn=" + ago(connector.lastConnect, now))
                                + " timeout=- flags="
                                + (connector.blocked
                                        ? "BLOCKED"
                                        : connector.levels.isEmpty() ? "NEW" : ""));
            }
        }
        return bounded(lines);
    }

    private static String waits(Relay relay) {
        List<String> waits = new ArrayList<>();
        if (relay.domain.asked) {
            waits.add("MX");
        }
        if (relay.sourceAsked) {
            waits.add("source");
        }
        if (relay.wake.isBefore(Instant.MAX)) {
            waits.add("limits");
        }
        return String.join(",", waits);
    }

    /// `ID. SRC <-> DST (ptr) flags nconn=N nerror=N penalty=N timeout=…`.
    static List<String> routes(Iterable<Route> routes, Instant now) {
        List<String> lines = new ArrayList<>();
        for (Route route : routes) {
            boolean disabled = route.disabled(now);
            String flags =
                    (route.trust == Route.Trust.NEW ? "N" : "-")
                            + (disabled ? "D" : "-")
                            + (disabled ? "Q" : "-")
                            + (isKept(route) ? "K" : "-");
            lines.add(
                    route.id
                            + (". " + route)
                            + (" " + flags)
                            + (" nconn=" + route.sessions.size())
                            + (" nerror=" + route.errors)
                            + (" penalty=" + route.penalty)
                            + (" timeout=" + (disabled ? until(route.disabledUntil, now) : "-")));
        }
        return bounded(lines);
    }

    /// The routes at a glance: what is in trouble first, then the busiest.
    ///
    /// @param max how many are listed at most
    static RouteSummary summary(Collection<Route> routes, int max, Instant now) {
        List<RouteSummary.State> worst =
                routes.stream()
                        .sorted(
                                Comparator.comparing((Route it) -> !it.disabled(now))
                                        .thenComparing(it -> -it.penalty)
                                        .thenComparing(it -> -it.sessions.size())
                                        .thenComparing(it -> it.id))
                        .limit(max)
                        .map(it -> state(it, now))
                        .toList();
        return new RouteSummary(worst, routes.size());
    }

    private static RouteSummary.State state(Route route, Instant now) {
        boolean disabled = route.disabled(now);
        return new RouteSummary.State(
                route.id,
                new RouteSummary.Ends(
                        route.source.word(),
                        route.key.address(),
                        route.host.ptr,
                        route.trust == Route.Trust.PROVEN),
                route.sessions.size(),
                route.trust == Route.Trust.PROVEN ? route.window.size() : 1,
                limit(route),
                new RouteSummary.Trouble(
                        route.errors,
                        route.penalty,
                        disabled ? fullSeconds(now, route.disabledUntil) : Duration.ZERO,
                        disabled ? route.lastFailure.text() : ""));
    }

    private static Duration fullSeconds(Instant from, Instant to) {
        return Duration.ofSeconds(Duration.between(from, to).toSeconds());
    }

    /// `max-conn-per-route` of a relay that uses it.
    private static int limit(Route route) {
        for (LiveSession session : route.sessions) {
            return session.connector.relay.limits.maxConn().route();
        }
        for (Relay relay : route.hungry) {
            return relay.limits.maxConn().route();
        }
        return Limits.MtaLimits.DEFAULT.maxConn().route();
    }

    private static boolean isKept(Route route) {
        return route.sessions.stream().anyMatch(LiveSession::isIdle);
    }

    /// `ADDR PTR refcount=N nconn=N lastconn=…`.
    static List<String> hosts(Network network, Instant now) {
        List<String> lines = new ArrayList<>();
        for (Host host : network.hosts.values()) {
            long routes = network.routes.values().stream().filter(it -> it.host == host).count();
            lines.add(
                    host.address
                            + (" " + host.ptr)
                            + (" refcount=" + routes)
                            + (" nconn=" + host.connections)
                            + (" lastconn=" + ago(host.lastConnect, now)));
        }
        return bounded(lines);
    }

    private static String ago(Instant when, Instant now) {
        return when.equals(Instant.MIN) ? "-" : Delay.text(Duration.between(when, now));
    }

    private static String until(Instant when, Instant now) {
        return when.equals(Instant.MAX) ? "-" : Delay.text(Duration.between(now, when));
    }

    static List<String> bounded(List<String> lines) {
        if (lines.size() <= LINES_MAX) {
            return lines;
        }
        List<String> shown = new ArrayList<>(lines.subList(0, LINES_MAX));
        shown.add("... and " + (lines.size() - LINES_MAX) + " more");
        return shown;
    }
}
