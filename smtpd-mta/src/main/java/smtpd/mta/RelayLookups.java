package smtpd.mta;

import smtpd.core.imsg.MxHost;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Finds the hosts and source addresses of relays, and lays out their routes.
final class RelayLookups implements Traffic.Lookups {
    /// Hosts are looked up again after this; lka keeps answers for their time to live.
    static final Duration FRESH = Duration.ofMinutes(1);

    /// Most routes of one connector: a domain may list any number of hosts.
    static final int ROUTES_MAX = 100;

    private final MtaConfig config;
    private final Resolver resolver;
    private final Network network;
    private final Traffic traffic;
    private final Traffic.Ports ports;

    RelayLookups(
            MtaConfig config,
            Resolver resolver,
            Network network,
            Traffic traffic,
            Traffic.Ports ports) {
        this.config = config;
        this.resolver = resolver;
        this.network = network;
        this.traffic = traffic;
        this.ports = ports;
    }

    @Override
    public void resolve(Relay relay) {
        Domain domain = relay.domain;
        if (!domain.asked) {
            domain.asked = true;
            resolver.hosts(domain, found -> found(domain, found));
        }
    }

    private void found(Domain domain, Resolver.Found found) {
        domain.asked = false;
        switch (found) {
            case Resolver.Found.Hosts hosts -> {
                domain.knowledge = new Domain.Knowledge.Known(hosts.hosts(), ports.agenda().now());
                for (Relay relay : List.copyOf(domain.relays)) {
                    relay.connectors.values().forEach(this::layOut);
                    traffic.drive(relay);
                }
                ports.agenda().after(FRESH, () -> expire(domain));
            }
            case Resolver.Found.None none -> {
                domain.knowledge = new Domain.Knowledge.Unknown();
                for (Relay relay : List.copyOf(domain.relays)) {
                    traffic.fail(relay, none.failure());
                }
            }
        }
    }

    /// Old knowledge is forgotten; the next task asks anew. Routes stay until then.
    private void expire(Domain domain) {
        domain.knowledge = new Domain.Knowledge.Unknown();
        for (Relay relay : List.copyOf(domain.relays)) {
            traffic.drive(relay);
        }
    }

    @Override
    public void findSource(Relay relay) {
        String table = Traffic.sourceTable(relay);
        if (table.isEmpty()) {
            connector(relay, "");
            return;
        }
        if (!relay.sourceAsked) {
            relay.sourceAsked = true;
            resolver.source(table, entry -> sourceFound(relay, entry));
        }
    }

    private void sourceFound(Relay relay, Resolver.Entry entry) {
        relay.sourceAsked = false;
        switch (entry) {
            case Resolver.Entry.Value value -> {
                String address = Resolver.literal(value.value());
                if (address.isEmpty()) {
                    noSource(relay);
                } else if (!relay.connectors.containsKey(address)) {
                    connector(relay, address);
                }
            }
            case Resolver.Entry.Absent _ -> noSource(relay);
            case Resolver.Entry.NotNow _ -> noSource(relay);
        }
    }

    private void noSource(Relay relay) {
        if (relay.connectors.isEmpty()) {
            traffic.fail(relay, Failure.NO_SOURCE);
        }
    }

    private void connector(Relay relay, String address) {
        Connector connector = new Connector(relay, network.source(address));
        relay.connectors.put(address, connector);
        ports.statistics().increment("mta.connector");
        layOut(connector);
        traffic.drive(relay);
    }

    private void layOut(Connector connector) {
        Relay relay = connector.relay;
        if (!(relay.domain.knowledge instanceof Domain.Knowledge.Known known)) {
            return;
        }
        List<MxHost> hosts = resolver.eligible(relay, known.hosts());
        if (hosts.isEmpty()) {
            traffic.fail(relay, Failure.SELF);
        } else if (hosts.stream().allMatch(host -> host.addresses().isEmpty())) {
            traffic.fail(relay, Failure.NO_MX);
        }
        Map<Integer, List<Route>> byPreference = new TreeMap<>();
        int count = 0;
        for (MxHost host : hosts) {
            for (String address : host.addresses()) {
                if (count < ROUTES_MAX && fits(connector, address)) {
                    List<Route> level =
                            byPreference.computeIfAbsent(host.preference(), _ -> new ArrayList<>());
                    Route route = network.route(key(connector, address));
                    if (!level.contains(route)) {
                        level.add(route);
                        count++;
                    }
                }
            }
        }
        List<Connector.Level> levels = new ArrayList<>();
        byPreference.forEach(
                (preference, routes) -> levels.add(new Connector.Level(preference, routes)));
        traffic.setLevels(connector, levels);
    }

    private static boolean fits(Connector connector, String address) {
        return Resolver.familyFits(
                address, connector.source.address, connector.relay.limits.family());
    }

    private RouteKey key(Connector connector, String address) {
        RelayKey key = connector.relay.key;
        String configured = key.action().identity().helo();
        RouteKey.Helo helo =
                new RouteKey.Helo(
                        configured.isEmpty() ? config.hostname() : configured,
                        key.action().identity().heloSrc());
        return new RouteKey(
                connector.source.address, address, key.hop().port(), key.hop().scheme(), helo);
    }
}
