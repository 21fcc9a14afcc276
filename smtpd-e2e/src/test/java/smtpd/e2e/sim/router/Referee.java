package smtpd.e2e.sim.router;

import smtpd.core.conf.Limits;
import smtpd.core.mail.Envelope;
import smtpd.mta.RouteKey;
import smtpd.mta.Task;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/// Watches sessions from outside and complains when a limit of `mta limit` is not kept.
final class Referee {
    /// A reverse lookup may stand between a decision to connect and the connect.
    private static final long LOOKUP_MILLIS = 50;

    private final Clockwork clock;
    private final Limits.MtaLimits limits;
    private final List<FarSessions.Session> open = new ArrayList<>();
    private final Map<RouteKey, Visits> routes = new HashMap<>();
    private final List<String> complaints = new ArrayList<>();
    private int connections;
    private int transactions;

    /// What is remembered of a route.
    private static final class Visits {
        private long lastOpened = Long.MIN_VALUE / 2;
        private long lastClosed = Long.MIN_VALUE / 2;
        private boolean proven;

        /// Sessions that were full: each may be replaced without a pause.
        private int successors;
    }

    Referee(Clockwork clock, Limits.MtaLimits limits) {
        this.clock = clock;
        this.limits = limits;
    }

    List<String> complaints() {
        return complaints;
    }

    int connections() {
        return connections;
    }

    int transactions() {
        return transactions;
    }

    void complain(String what) {
        complaints.add("at " + Duration.ofMillis(clock.millis()) + ": " + what);
    }

    void opened(FarSessions.Session session) {
        connections++;
        RouteKey route = session.plan.route();
        open.add(session);
        Limits.PerNoun<Integer> most = limits.maxConn();
        atMost(most.route(), session, it -> it.plan.route());
        atMost(most.host(), session, it -> it.plan.route().address());
        atMost(most.source(), session, it -> it.plan.route().source());
        Visits visits = routes.computeIfAbsent(route, _ -> new Visits());
        long now = clock.millis();
        long since = now - visits.lastOpened;
        if (since + LOOKUP_MILLIS < limits.connDelay().route().toMillis()
                || now - visits.lastClosed + LOOKUP_MILLIS
                        < limits.session().reconnDelayRoute().toMillis()) {
            if (visits.successors == 0) {
                complain("too soon after the last connect: " + route);
            } else {
                visits.successors--;
            }
        }
        visits.lastOpened = now;
        long beside = open.stream().filter(it -> it.plan.route().equals(route)).count();
        if (!visits.proven && beside > 1) {
            complain("more than one probe of " + route);
        }
    }

    private <K> void atMost(
            int most, FarSessions.Session session, Function<FarSessions.Session, K> key) {
        K own = key.apply(session);
        long count = open.stream().filter(it -> key.apply(it).equals(own)).count();
        if (count > most) {
            complain(count + " connections of " + own + ", " + most + " allowed");
        }
    }

    void given(FarSessions.Session session, Task task) {
        transactions++;
        Visits visits = routes.get(session.plan.route());
        if (session.given > limits.session().mailMax()) {
            complain(session.given + " messages in one session");
        }
        if (session.given == limits.session().mailMax() && visits != null) {
            visits.successors++;
        }
        Set<String> domains = domains(task);
        if (domains.size() == 1) {
            long busy = open.stream().filter(it -> serves(it, domains)).count();
            if (busy > Math.min(limits.maxConn().domain(), limits.maxConn().relay())) {
                complain(busy + " sessions serve " + domains);
            }
        }
    }

    private static boolean serves(FarSessions.Session session, Set<String> domains) {
        for (Task task : session.tasks()) {
            return domains(task).equals(domains);
        }
        return false;
    }

    static Set<String> domains(Task task) {
        Set<String> domains = new TreeSet<>();
        for (Envelope envelope : task.envelopes()) {
            domains.add(envelope.dest().domain());
        }
        return domains;
    }

    void greeted(FarSessions.Session session) {
        Visits visits = routes.get(session.plan.route());
        if (visits != null) {
            visits.proven = true;
        }
    }

    /// @param failed whether something was wrong with the server
    void closed(FarSessions.Session session, boolean failed) {
        open.remove(session);
        Visits visits = routes.get(session.plan.route());
        if (visits != null) {
            visits.lastClosed = clock.millis();
            boolean alone =
                    open.stream().noneMatch(it -> it.plan.route().equals(session.plan.route()));
            if (alone && failed) {
                visits.proven = false;
            }
        }
    }
}
