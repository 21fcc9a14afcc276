package smtpd.e2e.interop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Exim as next hop: takes all mail and throws it away, with a line for each message in its log.
final class Exim {
    private static final String USER = "Debian-exim";

    private final Peer peer;
    private final Path log;

    private Exim(Peer peer, Path log) {
        this.peer = peer;
        this.log = log;
    }

    /// Starts it.
    ///
    /// @param work where its folders are made
    /// @param host its name
    /// @param certificates where they are; it is given copies of the keys
    /// @param ports of 127.0.0.1, by what it shows there
    /// @param more options; after `begin …` lines, more sections
    static Exim start(
            Path work, String host, Path certificates, Map<Shown, Integer> ports, String more)
            throws IOException {
        Path home = Files.createDirectories(work.resolve("exim"));
        for (Path folder :
                List.of(home, home.resolve("spool"), home.resolve("log"), home.resolve("keys"))) {
            Files.createDirectories(folder);
            Peer.give(folder, USER);
        }
        StringBuilder certificate = new StringBuilder("${extract{p$received_port}{");
        StringBuilder key = new StringBuilder("${extract{p$received_port}{");
        for (Map.Entry<Shown, Integer> port : ports.entrySet()) {
            Shown shown = port.getKey();
            if (shown != Shown.NOTHING) {
                Path own = shown.key(home.resolve("keys"));
                Files.copy(shown.key(certificates), own);
                Peer.give(own, USER);
                certificate.append('p').append(port.getValue()).append('=');
                certificate.append(shown.certificate(certificates)).append(' ');
                key.append('p').append(port.getValue()).append('=').append(own).append(' ');
            }
        }
        Path config = home.resolve("exim.conf");
        Files.writeString(
                config,
                """
                spool_directory = %1$s/spool
                log_file_path = %1$s/log/%%slog
                log_selector = +received_recipients +smtp_connection
                primary_hostname = %2$s
                local_interfaces = 127.0.0.1
                daemon_smtp_ports = %3$s
                tls_advertise_hosts = ${if eq{$received_port}{%4$d}{}{*}}
                tls_certificate = %5$s}}
                tls_privatekey = %6$s}}
                host_lookup =
                smtp_accept_max = 0
                acl_smtp_rcpt = accept
                acl_smtp_data = discard
                keep_environment =
                disable_ipv6
                %7$s
                """
                        .formatted(
                                home,
                                host,
                                ports.values().stream()
                                        .map(String::valueOf)
                                        .collect(Collectors.joining(" : ")),
                                ports.getOrDefault(Shown.NOTHING, 0),
                                certificate,
                                key,
                                more));
        String program = Peer.program("exim4").toString();
        List<String> command = List.of(program, "-bdf", "-C", config.toString());
        Peer peer = Peer.start(command, home, ports.values().iterator().next());
        return new Exim(peer, home.resolve("log/mainlog"));
    }

    /// What it says about the messages it took.
    List<String> arrivals() throws IOException {
        return Files.readAllLines(log).stream().filter(line -> line.contains(" <= ")).toList();
    }

    /// What it says about connections that ended otherwise than by QUIT.
    List<String> losses() throws IOException {
        return Files.readAllLines(log).stream()
                .filter(line -> line.contains(" lost") || line.contains("TLS error"))
                .toList();
    }

    Peer peer() {
        return peer;
    }
}
