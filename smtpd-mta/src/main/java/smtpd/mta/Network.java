package smtpd.mta;

import smtpd.core.stat.Statistics;

import java.time.Instant;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// The hosts, sources and routes there are: one value for one address, one for one route key.
final class Network {
    final Map<String, Host> hosts = new LinkedHashMap<>();
    final Map<String, Source> sources = new LinkedHashMap<>();
    final Map<RouteKey, Route> routes = new LinkedHashMap<>();

    /// What the operator has stopped.
    final Blocks blocks = new Blocks();

    private final Statistics statistics;
    private long routeIds;

    Network(Statistics statistics) {
        this.statistics = statistics;
    }

    Source source(String address) {
        return sources.computeIfAbsent(
                address,
                key -> {
                    statistics.increment("mta.source");
                    return new Source(key);
                });
    }

    private Host host(String address) {
        return hosts.computeIfAbsent(
                address,
                key -> {
                    statistics.increment("mta.host");
                    return new Host(key);
                });
    }

    Route route(RouteKey key) {
        Route known = routes.get(key);
        if (known != null) {
            return known;
        }
        statistics.increment("mta.route");
        Route route = new Route(++routeIds, key, source(key.source()), host(key.address()));
        routes.put(key, route);
        return route;
    }

    /// Forgets what nobody uses, has no session and no penalty to remember.
    void prune(Instant now) {
        for (Iterator<Route> each = routes.values().iterator(); each.hasNext(); ) {
            Route route = each.next();
            route.fade(now);
            if (route.users == 0 && route.sessions.isEmpty() && route.penalty == 0) {
                each.remove();
                statistics.decrement("mta.route");
            }
        }
        Set<Host> hostsUsed = Collections.newSetFromMap(new IdentityHashMap<>());
        Set<Source> sourcesUsed = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Route route : routes.values()) {
            hostsUsed.add(route.host);
            sourcesUsed.add(route.source);
        }
        int before = hosts.size();
        hosts.values()
                .removeIf(host -> !hostsUsed.contains(host) && !now.isBefore(host.lockStepUntil));
        statistics.add("mta.host", hosts.size() - before);
        int sourcesBefore = sources.size();
        sources.values().removeIf(source -> !sourcesUsed.contains(source));
        statistics.add("mta.source", sources.size() - sourcesBefore);
    }
}
