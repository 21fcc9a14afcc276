package smtpd.e2e.interop;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// nsd, a name server that knows a few zones.
final class Nsd {
    private Nsd() {}

    /// Starts it.
    ///
    /// @param work where its files are made
    /// @param place where it listens, UDP and TCP
    /// @param zones their text, by name
    static Peer start(Path work, InetSocketAddress place, Map<String, String> zones)
            throws IOException {
        Path home = Files.createDirectories(work.resolve("nsd"));
        StringBuilder config =
                new StringBuilder(
                        """
                        server:
                            ip-address: %1$s@%2$d
                            server-count: 1
                            username: ""
                            zonesdir: "%3$s"
                            xfrdfile: "%3$s/xfrd.state"
                            pidfile: "%3$s/nsd.pid"
                        remote-control:
                            control-enable: no
                        """
                                .formatted(
                                        place.getAddress().getHostAddress(),
                                        place.getPort(),
                                        home));
        for (Map.Entry<String, String> zone : zones.entrySet()) {
            Files.writeString(home.resolve(zone.getKey() + ".zone"), zone.getValue());
            config.append("zone:\n    name: ").append(zone.getKey());
            config.append("\n    zonefile: ").append(zone.getKey()).append(".zone\n");
        }
        Path file = home.resolve("nsd.conf");
        Files.writeString(file, config);
        String program = Peer.program("nsd").toString();
        return Peer.start(List.of(program, "-d", "-c", file.toString()), home, place);
    }
}
