package smtpd.parent;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.conf.StatisticsConf;
import smtpd.core.mail.Secret;
import smtpd.core.sys.Channels;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/// Opens the sockets that statistics leave by: listening ones for HTTP, connected UDP ones for
/// StatsD. Made here and handed over, so that control itself needs no network. What cannot be
/// opened is said and left out: statistics stop no mail.
///
/// @param channels open until the process ends, HTTP before StatsD
/// @param tokens of those that serve HTTP; empty where nobody may change anything
record StatisticsSockets(List<NetworkChannel> channels, List<Secret> tokens) {
    private static final Logger LOG = LoggerFactory.getLogger(StatisticsSockets.class);

    /// Connections that may wait to be accepted.
    private static final int BACKLOG = 16;

    private interface Opening {
        NetworkChannel open() throws IOException;
    }

    static StatisticsSockets open(StatisticsConf conf) {
        List<NetworkChannel> channels = new ArrayList<>();
        List<Secret> tokens = new ArrayList<>();
        for (StatisticsConf.Page page : conf.pages()) {
            if (tryTo(page.door().toString(), () -> listen(page.door()), channels)) {
                tokens.add(token(page.token()));
            }
        }
        conf.receivers()
                .forEach(receiver -> tryTo(receiver.toString(), () -> connect(receiver), channels));
        return new StatisticsSockets(List.copyOf(channels), List.copyOf(tokens));
    }

    /// A token that cannot be had allows nothing.
    private static Secret token(StatisticsConf.Token token) {
        return switch (token) {
            case StatisticsConf.Token.None _ -> new Secret("");
            case StatisticsConf.Token.Word(Secret word) -> word;
            case StatisticsConf.Token.File(String path) -> {
                try {
                    yield TokenFile.read(Path.of(path));
                } catch (IOException e) {
                    LOG.warn("warn: statistics: no token: {}", e.getMessage());
                    yield new Secret("");
                }
            }
        };
    }

    private static boolean tryTo(String what, Opening opening, List<NetworkChannel> into) {
        try {
            return into.add(opening.open());
        } catch (IOException | UnsupportedOperationException e) {
            LOG.warn("warn: statistics: {}: {}", what, e.getMessage());
            return false;
        }
    }

    private static ServerSocketChannel listen(StatisticsConf.Door door) throws IOException {
        return switch (door) {
            case StatisticsConf.Door.Inet(String address, int port) -> {
                InetAddress literal = InetAddress.ofLiteral(address);
                ServerSocketChannel channel = ServerSocketChannel.open(family(literal));
                channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                yield bound(channel, () -> channel.bind(at(literal, port), BACKLOG));
            }
            case StatisticsConf.Door.Local(String path) -> {
                Path file = Path.of(path);
                Files.deleteIfExists(file);
                ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                yield bound(
                        channel,
                        () -> {
                            channel.bind(UnixDomainSocketAddress.of(file), BACKLOG);
                            Files.setPosixFilePermissions(
                                    file, PosixFilePermissions.fromString("rw-rw----"));
                            return channel;
                        });
            }
        };
    }

    private static ServerSocketChannel bound(ServerSocketChannel channel, Opening binding)
            throws IOException {
        try {
            binding.open();
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static DatagramChannel connect(StatisticsConf.Receiver receiver) throws IOException {
        InetAddress literal = InetAddress.ofLiteral(receiver.address());
        return DatagramChannel.open(family(literal)).connect(at(literal, receiver.port()));
    }

    private static InetSocketAddress at(InetAddress address, int port) {
        return new InetSocketAddress(address, port);
    }

    private static ProtocolFamily family(InetAddress address) {
        return address instanceof Inet6Address
                ? StandardProtocolFamily.INET6
                : StandardProtocolFamily.INET;
    }

    /// The descriptors, in the same order.
    List<Integer> descriptors() {
        return channels.stream().map(Channels::fd).toList();
    }
}
