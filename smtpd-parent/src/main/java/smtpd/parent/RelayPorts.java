package smtpd.parent;

import smtpd.core.conf.Config;
import smtpd.core.conf.Dispatcher;
import smtpd.core.conf.TableConf;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The TCP ports that mta may connect to: those of mail, and every port that a relay host in the
/// configuration names. Hosts in a table that is not written out in the configuration may name any
/// port; then none is refused.
final class RelayPorts {
    /// smtp, submissions, submission, lmtp.
    private static final List<Integer> USUAL = List.of(25, 465, 587, 24);

    private static final Pattern PORT = Pattern.compile(":(\\d{1,5})/?$");

    private RelayPorts() {}

    static Set<Integer> of(Config config) {
        Set<Integer> ports = new LinkedHashSet<>(USUAL);
        for (Dispatcher dispatcher : config.routing().dispatchers().values()) {
            if (dispatcher instanceof Dispatcher.Remote remote) {
                add(config.tables(), remote.target(), ports);
            }
        }
        if (config.settings().peers().sts() && usesMx(config)) {
            // where policies are fetched (RFC 8461 §3.3)
            ports.add(config.settings().peers().stsPort());
        }
        return ports;
    }

    private static boolean usesMx(Config config) {
        return config.routing().dispatchers().values().stream()
                .anyMatch(it ->
                        it instanceof Dispatcher.Remote remote
                                && (remote.target() instanceof Dispatcher.Target.Mx
                                        || remote.target() instanceof Dispatcher.Target.Backup));
    }

    private static void add(
            Map<String, TableConf> tables, Dispatcher.Target target, Set<Integer> ports) {
        switch (target) {
            case Dispatcher.Target.Mx _, Dispatcher.Target.Backup _ -> {}
            case Dispatcher.Target.Host host -> add(tables.get(host.hosts()), ports);
            case Dispatcher.Target.DomainMap map -> add(tables.get(map.map()), ports);
        }
    }

    private static void add(
            @org.jspecify.annotations.Nullable TableConf table, Set<Integer> ports) {
        switch (table) {
            case TableConf.StaticList list ->
                    list.entries().forEach(url -> ofDestination(url).ifPresent(ports::add));
            case TableConf.StaticMap map ->
                    map.entries().values().forEach(url -> ofDestination(url).ifPresent(ports::add));
            case null -> {}
            case TableConf.FileTable _, TableConf.DbTable _, TableConf.BackendTable _ -> all(ports);
        }
    }

    private static void all(Set<Integer> ports) {
        for (int port = 1; port <= 65_535; port++) {
            ports.add(port);
        }
    }

    /// The port written at the end of a host or URL.
    static Optional<Integer> ofDestination(String destination) {
        Matcher matcher = PORT.matcher(destination);
        if (!matcher.find()) {
            return Optional.empty();
        }
        int port = Integer.parseInt(matcher.group(1));
        return port >= 1 && port <= 65_535 ? Optional.of(port) : Optional.empty();
    }
}
