package smtpd.e2e.interop;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// Postfix as next hop: takes all mail from 127.0.0.0/8 and throws it away.
final class Postfix {
    private static final String MASTER =
            """
            postlog unix-dgram n - n - 1 postlogd
            cleanup unix n - n - 0 cleanup
            qmgr unix n - n 300 1 qmgr
            rewrite unix - - n - - trivial-rewrite
            discard unix - - n - - discard
            bounce unix - - n - 0 bounce
            defer unix - - n - 0 bounce
            trace unix - - n - 0 bounce
            tlsmgr unix - - n 1000? 1 tlsmgr
            anvil unix - - n - 1 anvil
            proxymap unix - - n - - proxymap
            error unix - - n - - error
            retry unix - - n - - error
            """;

    private Postfix() {}

    /// Those ports of 127.0.0.1.
    static Map<Shown, InetSocketAddress> ports(Map<Shown, Integer> ports) {
        InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
        Map<Shown, InetSocketAddress> places = new EnumMap<>(Shown.class);
        ports.forEach((shown, port) -> places.put(shown, new InetSocketAddress(loopback, port)));
        return places;
    }

    /// Starts it.
    ///
    /// @param work where its folders are made
    /// @param host its name
    /// @param certificates where they are
    /// @param places where it listens, by what it shows there
    /// @param more lines for `main.cf`
    static Peer start(
            Path work,
            String host,
            Path certificates,
            Map<Shown, InetSocketAddress> places,
            String more)
            throws IOException {
        Path config = Files.createDirectories(work.resolve("postfix"));
        Path queue = Files.createDirectories(work.resolve("postfix-queue"));
        Path data = Files.createDirectories(work.resolve("postfix-data"));
        Peer.give(data, "postfix");
        Files.writeString(
                config.resolve("main.cf"),
                """
                compatibility_level = 3.6
                queue_directory = %s
                data_directory = %s
                maillog_file = /dev/stdout
                myhostname = %s
                mydestination =
                relay_domains = static:all
                default_transport = discard:
                relay_transport = discard:
                inet_interfaces = 127.0.0.1
                smtpd_recipient_restrictions =
                smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
                mynetworks = 127.0.0.0/8
                smtpd_tls_session_cache_database =
                alias_maps =
                %s
                """
                        .formatted(queue, data, host, more));
        StringBuilder master = new StringBuilder(MASTER);
        places.forEach((shown, place) -> {
            master.append(place.getAddress().getHostAddress()).append(':');
            master.append(place.getPort()).append(" inet n - n - - smtpd\n");
            if (shown != Shown.NOTHING) {
                master.append("  -o smtpd_tls_security_level=may\n");
                master.append("  -o smtpd_tls_chain_files=");
                master.append(shown.key(certificates)).append(',');
                master.append(shown.certificate(certificates)).append('\n');
            }
        });
        Files.writeString(config.resolve("master.cf"), master);
        String program = Peer.program("postfix").toString();
        List<String> command = List.of(program, "-c", config.toString(), "start-fg");
        return Peer.start(command, work, places.values().iterator().next());
    }
}
