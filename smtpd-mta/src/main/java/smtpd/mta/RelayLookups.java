package smtpd.mta;

import org.jspecify.annotations.Nullable;

import smtpd.core.conf.Dispatcher;
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
    private final StsPolicies policies;

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
        policies = ports.policies();
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
                if (domain.kind == RelayKey.Kind.MX && config.peers().sts()) {
                    domain.asked = true;
                    policies.of(domain.name, hosts.sts(), sts -> known(domain, hosts.hosts(), sts));
                } else {
                    known(domain, hosts.hosts(), null);
                }
            }
            case Resolver.Found.None none -> {
                domain.knowledge = new Domain.Knowledge.Unknown();
                for (Relay relay : List.copyOf(domain.relays)) {
                    traffic.fail(relay, none.failure());
                }
            }
        }
    }

    private void known(Domain domain, List<MxHost> hosts, @Nullable StsPolicy sts) {
        domain.asked = false;
        domain.sts = sts;
        domain.knowledge = new Domain.Knowledge.Known(hosts, ports.agenda().now());
        if (sts != null && sts.mode() == StsPolicy.Mode.TESTING) {
            hosts.stream()
                    .map(MxHost::name)
                    .filter(name -> !sts.allows(name))
                    .forEach(name -> ports.log().stsWouldRefuse(domain.name, name));
        }
        for (Relay relay : List.copyOf(domain.relays)) {
            relay.connectors.values().forEach(this::layOut);
            traffic.drive(relay);
        }
        ports.agenda().after(FRESH, () -> expire(domain));
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
        connector.blocked = network.blocks.has(address, relay.domain.name);
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
        RelayKey.Without without = relay.key.without();
        connector.none =
                hosts.stream()
                                .flatMap(host -> host.addresses().stream())
                                .anyMatch(without.addresses()::contains)
                        ? without.why()
                        : Failure.FAMILY;
        for (MxHost host : hosts) {
            switch (HostPolicy.of(relay, host, relay.domain.sts)) {
                case HostPolicy.Speak(TlsPolicy policy) -> {
                    for (Route route : routes(connector, host, policy)) {
                        List<Route> level =
                                byPreference.computeIfAbsent(
                                        host.preference(), _ -> new ArrayList<>());
                        if (count < ROUTES_MAX && !level.contains(route)) {
                            level.add(route);
                            count++;
                        }
                    }
                }
                case HostPolicy.Avoid(Failure failure) -> {
                    ports.statistics().increment("mta.tls.avoided");
                    connector.none = failure;
                }
            }
        }
        List<Connector.Level> levels = new ArrayList<>();
        byPreference.forEach(
                (preference, routes) -> levels.add(new Connector.Level(preference, routes)));
        traffic.setLevels(connector, levels);
    }

    private List<Route> routes(Connector connector, MxHost host, TlsPolicy policy) {
        List<Route> routes = new ArrayList<>();
        for (String address : host.addresses()) {
            boolean lacks = connector.relay.key.without().addresses().contains(address);
            if (routes.size() < ROUTES_MAX && !lacks && fits(connector, address)) {
                Route route = network.route(key(connector, address, policy));
                route.name = route.name.isEmpty() ? host.name() : route.name;
                routes.add(route);
            }
        }
        return routes;
    }

    private static boolean fits(Connector connector, String address) {
        return Resolver.familyFits(
                address, connector.source.address, connector.relay.limits.family());
    }

    private RouteKey key(Connector connector, String address, TlsPolicy policy) {
        RelayKey key = connector.relay.key;
        String configured = key.action().identity().helo();
        RouteKey.Helo helo =
                new RouteKey.Helo(
                        configured.isEmpty() ? config.hostname() : configured,
                        key.action().identity().heloSrc());
        RelayKey.NextHop hop = key.hop();
        return new RouteKey(
                connector.source.address,
                address,
                hop.port(),
                hop.scheme(),
                helo,
                TlsTerms.of(policy, key.action().tls()),
                login(key),
                key.action().filter());
    }

    private static RouteKey.Login login(RelayKey key) {
        String label = key.hop().label();
        if (label.isEmpty()) {
            return RouteKey.Login.NONE;
        }
        return switch (key.action().target()) {
            case Dispatcher.Target.Host host -> new RouteKey.Login(host.auth(), label);
            case Dispatcher.Target.DomainMap map -> new RouteKey.Login(map.auth(), label);
            case Dispatcher.Target.Mx _, Dispatcher.Target.Backup _ -> RouteKey.Login.NONE;
        };
    }
}
