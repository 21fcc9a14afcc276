package smtpd.mda;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.List;

/// Where an LMTP server is, as `action … lmtp` says it.
sealed interface LmtpAddress {
    /// The port when none is given (OpenSMTPD: mail.lmtp).
    int DEFAULT_PORT = 25;

    /// A socket in the file system.
    record Socket(String path) implements LmtpAddress {}

    /// A host by name or address.
    record Host(String host, int port) implements LmtpAddress {}

    /// Reads `/socket`, `host`, `host:port`, `[v6]` or `[v6]:port`.
    ///
    /// @throws DeliveryFailure if it is none of these
    static LmtpAddress parse(String text) throws DeliveryFailure {
        if (text.startsWith("/")) {
            return new Socket(text);
        }
        if (text.startsWith("[")) {
            int close = text.indexOf(']');
            if (close > 1) {
                return new Host(text.substring(1, close), port(text, text.substring(close + 1)));
            }
        }
        int colon = text.indexOf(':');
        if (colon < 0 || colon != text.lastIndexOf(':')) {
            return new Host(text, DEFAULT_PORT);
        }
        return new Host(text.substring(0, colon), port(text, text.substring(colon)));
    }

    private static int port(String text, String rest) throws DeliveryFailure {
        if (rest.isEmpty()) {
            return DEFAULT_PORT;
        }
        if (rest.matches(":[0-9]{1,5}")) {
            int port = Integer.parseInt(rest.substring(1));
            if (port > 0 && port <= 65535) {
                return port;
            }
        }
        throw new DeliveryFailure(Verdict.tempfail("4.3.5", "no LMTP destination: " + text));
    }

    /// The addresses to try, in order.
    default List<SocketAddress> candidates(Resolver resolver) throws DeliveryFailure {
        return switch (this) {
            case Socket it -> List.of(UnixDomainSocketAddress.of(it.path()));
            case Host it -> {
                List<SocketAddress> found = new ArrayList<>();
                for (InetAddress address : resolver.addresses(it.host())) {
                    found.add(new InetSocketAddress(address, it.port()));
                }
                yield List.copyOf(found);
            }
        };
    }
}
