package smtpd.mta;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// A way from a source to a host and port: its sessions, and how it has fared.
final class Route {
    final long id;
    final RouteKey key;
    final Source source;
    final Host host;

    /// Sessions that are connecting, connected or closing.
    final List<LiveSession> sessions = new ArrayList<>();

    /// Relays with waiting tasks that may use it, in the order they are served.
    final Set<Relay> hungry = new LinkedHashSet<>();

    /// How many connectors list it.
    int users;

    /// A route that never led anywhere, or was left alone, admits one session until that is ready.
    Trust trust = Trust.NEW;

    int errors;
    int penalty;
    Instant lastPenalty = Instant.MIN;
    Instant disabledUntil = Instant.MIN;
    Instant lastConnect = Instant.MIN;
    Instant lastDisconnect = Instant.MIN;

    /// The name that first led here: what the server is asked for, where nothing else is owed.
    String name = "";

    /// Until when nobody who does not insist tries encryption: it has failed.
    Instant clearUntil = Instant.MIN;

    /// Sessions that ended for having carried all they may: each leaves its place to a successor.
    int successors;

    /// How many sessions its server bears.
    final Window window = new Window();

    /// What was last wrong.
    Failure lastFailure = Failure.NETWORK;

    /// Whether a route has proven itself.
    enum Trust {
        NEW,
        PROVEN
    }

    Route(long id, RouteKey key, Source source, Host host) {
        this.id = id;
        this.key = key;
        this.source = source;
        this.host = host;
    }

    boolean disabled(Instant now) {
        return now.isBefore(disabledUntil);
    }

    /// Takes a step towards being forgotten about, or back into favour.
    void fail(Failure why, Instant now) {
        errors++;
        penalty = Math.min(penalty + 1, Penalty.MAX);
        lastPenalty = now;
        lastFailure = why;
        disabledUntil = now.plus(Penalty.of(penalty));
        successors = 0;
        window.error();
        if (sessions.stream().noneMatch(LiveSession::isOpen)) {
            trust = Trust.NEW;
        }
    }

    /// A session is ready: the route leads somewhere.
    void prove() {
        if (trust == Trust.NEW) {
            window.restart();
        }
        trust = Trust.PROVEN;
    }

    /// A session was lost in the middle of its work.
    void stumble() {
        errors++;
        window.error();
    }

    /// Sessions that are at large messages.
    int atLarge() {
        int large = 0;
        for (LiveSession session : sessions) {
            large += session.isAtLarge() ? 1 : 0;
        }
        return large;
    }

    /// Sessions that take messages.
    int open() {
        int open = 0;
        for (LiveSession session : sessions) {
            open += session.isOpen() ? 1 : 0;
        }
        return open;
    }

    /// A session has delivered: one step back.
    void recover() {
        window.success(sessions.size());
        penalty = Math.max(0, penalty - 1);
        errors = 0;
    }

    /// A penalty fades with the time it cost.
    void fade(Instant now) {
        while (penalty > 0
                && !now.isBefore(lastPenalty.plus(Penalty.of(penalty).multipliedBy(2)))) {
            lastPenalty = lastPenalty.plus(Penalty.of(penalty).multipliedBy(2));
            penalty--;
        }
    }

    /// Clears everything held against it.
    void forgive() {
        penalty = 0;
        errors = 0;
        disabledUntil = Instant.MIN;
    }

    /// When the next connect is allowed by the pauses of a route.
    Instant nextConnect(Duration pause, Duration afterDisconnect) {
        if (successors > 0) {
            return Instant.MIN;
        }
        Instant byConnect = Instants.plus(lastConnect, pause);
        Instant byDisconnect = Instants.plus(lastDisconnect, afterDisconnect);
        return byConnect.isAfter(byDisconnect) ? byConnect : byDisconnect;
    }

    /// For logs: `source <-> address (ptr)`.
    @Override
    public String toString() {
        return source.word() + " <-> " + key.address() + " (" + host.ptr + ")";
    }
}
