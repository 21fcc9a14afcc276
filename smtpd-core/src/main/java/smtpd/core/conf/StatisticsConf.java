package smtpd.core.conf;

import smtpd.core.mail.Secret;

import java.util.List;

/// Where statistics go besides control's memory (`statistics …`).
///
/// @param kept whether totals and history are kept in a file and outlive the daemon
/// @param pages where the status page and the metrics are served over HTTP
/// @param receivers to whom changes are sent each second
public record StatisticsConf(boolean kept, List<Page> pages, List<Receiver> receivers) {
    /// What holds when nothing is configured: in memory only.
    public static final StatisticsConf DEFAULT = new StatisticsConf(false, List.of(), List.of());

    /// Where StatsD listens unless it is said otherwise.
    public static final int STATSD_PORT = 8125;

    /// Pages and receivers at most, of each: every one is a descriptor of control.
    public static final int MAX = 8;

    public StatisticsConf {
        pages = List.copyOf(pages);
        receivers = List.copyOf(receivers);
    }

    /// Where HTTP is served, and who may change something there.
    ///
    /// @param door where
    /// @param token what allows it; without one nobody may
    public record Page(Door door, Token token) {}

    /// Where HTTP is served.
    public sealed interface Door {
        /// A port of a loopback address: nobody is asked for a password there.
        ///
        /// @param address a literal loopback address
        /// @param port the port
        record Inet(String address, int port) implements Door {}

        /// A Unix socket of mode 0660.
        ///
        /// @param path its path
        record Local(String path) implements Door {}
    }

    /// What allows the buttons of the status page.
    public sealed interface Token {
        /// Nothing does.
        record None() implements Token {}

        /// A word.
        ///
        /// @param word the word
        record Word(Secret word) implements Token {}

        /// The first line of a file.
        ///
        /// @param path its path
        record File(String path) implements Token {}
    }

    /// Shortest token, in characters: what can be tried for years without being found.
    public static final int TOKEN_MIN = 16;

    /// A StatsD server.
    ///
    /// @param address a literal address
    /// @param port its UDP port
    public record Receiver(String address, int port) {}
}
