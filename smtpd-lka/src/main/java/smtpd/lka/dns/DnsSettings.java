package smtpd.lka.dns;

import smtpd.lka.table.NetAddr;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Which servers are asked and how long.
///
/// @param servers in order of preference; at least one
/// @param timeout how long one attempt at one server may take
/// @param attempts rounds over the servers
public record DnsSettings(List<InetSocketAddress> servers, Duration timeout, int attempts) {
    /// The port of DNS (RFC 1035 §4.2).
    public static final int PORT = 53;

    /// Servers that are used at most (resolv.conf(5): the same).
    public static final int SERVERS_MAX = 3;

    /// Time for one attempt unless configured (resolv.conf(5): the same).
    public static final Duration TIMEOUT = Duration.ofSeconds(5);

    /// Rounds unless configured (resolv.conf(5): the same).
    public static final int ATTEMPTS = 2;

    public DnsSettings {
        servers = List.copyOf(servers);
    }

    /// The servers of a list, the first [#SERVERS_MAX] that [#server(String)] understands; without
    /// any, the one on this machine.
    public static DnsSettings of(List<String> servers) {
        List<InetSocketAddress> known = new ArrayList<>();
        for (String text : servers) {
            server(text).filter(_ -> known.size() < SERVERS_MAX).ifPresent(known::add);
        }
        if (known.isEmpty()) {
            known.add(new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT));
        }
        return new DnsSettings(known, TIMEOUT, ATTEMPTS);
    }

    /// Reads `ADDRESS`, `ADDRESS:PORT` for IPv4, or `[ADDRESS]:PORT`; empty for anything else.
    public static Optional<InetSocketAddress> server(String text) {
        String host = text;
        String port = "";
        int bracket = text.lastIndexOf("]:");
        if (text.startsWith("[") && bracket > 0) {
            host = text.substring(1, bracket);
            port = text.substring(bracket + 2);
        } else if (text.indexOf(':') == text.lastIndexOf(':') && text.indexOf(':') > 0) {
            host = text.substring(0, text.indexOf(':'));
            port = text.substring(text.indexOf(':') + 1);
        }
        if (!port.isEmpty() && (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65535)) {
            return Optional.empty();
        }
        int number = port.isEmpty() ? PORT : Integer.parseInt(port);
        return NetAddr.parse(host)
                .filter(NetAddr::isHost)
                .map(address -> new InetSocketAddress(inet(address), number));
    }

    private static InetAddress inet(NetAddr address) {
        try {
            return InetAddress.getByAddress(address.toByteArray());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }
}
