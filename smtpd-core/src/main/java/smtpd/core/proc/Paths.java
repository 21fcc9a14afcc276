package smtpd.core.proc;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Where our files are: the places of the system, or all of them below one prefix (`--prefix DIR`,
/// `SMTPD_PREFIX`).
///
/// @param config smtpd.conf
/// @param spool the queue's directory
/// @param socket the control socket
/// @param state what outlives a restart besides mail: statistics
/// @param resolvConf name servers
public record Paths(Path config, Path spool, Path socket, Path state, Path resolvConf) {
    private static final List<String> CONFIGS =
            List.of("/etc/smtpd.conf", "/etc/smtpd/smtpd.conf", "/etc/mail/smtpd.conf");

    /// The paths of the system.
    public static Paths system() {
        Path config =
                CONFIGS.stream()
                        .map(Path::of)
                        .filter(Files::exists)
                        .findFirst()
                        .orElse(Path.of(CONFIGS.getFirst()));
        return new Paths(
                config,
                Path.of("/var/spool/smtpd"),
                Path.of("/var/run/smtpd.sock"),
                Path.of("/var/lib/smtpd"),
                Path.of("/etc/resolv.conf"));
    }

    /// The paths below a directory; its own `etc/resolv.conf` is used when there is one.
    public static Paths below(Path prefix) {
        Path root = prefix.toAbsolutePath().normalize();
        Path resolvConf = root.resolve("etc/resolv.conf");
        return new Paths(
                root.resolve("etc/smtpd.conf"),
                root.resolve("var/spool/smtpd"),
                root.resolve("run/smtpd.sock"),
                root.resolve("var/lib/smtpd"),
                Files.exists(resolvConf) ? resolvConf : Path.of("/etc/resolv.conf"));
    }

    /// The paths that the environment asks for.
    ///
    /// @param environment where `SMTPD_PREFIX` is looked for
    public static Paths of(Map<String, String> environment) {
        String prefix = environment.getOrDefault("SMTPD_PREFIX", "");
        return prefix.isEmpty() ? system() : below(Path.of(prefix));
    }

    /// Where log lines are kept that the system log does not take: beside the spool, where the
    /// queue process may write nothing.
    public Path logSpill() {
        return spool.resolveSibling(spool.getFileName() + ".log");
    }

    /// Where the scheduler keeps its index, if it does on disk.
    public Path index() {
        return spool.resolve("scheduler");
    }

    /// Where `sendmail` leaves messages while the daemon is down.
    public Path offline() {
        return spool.resolve("offline");
    }
}
