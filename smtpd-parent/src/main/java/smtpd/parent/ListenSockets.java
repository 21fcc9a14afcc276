package smtpd.parent;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.conf.HostEnvironment;
import smtpd.core.conf.Listener;
import smtpd.core.sys.Channels;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;

/// Opens the listening sockets of the configuration. They stay open in the parent, so that a
/// restarted smtp process finds connections waiting instead of refused.
///
/// A socket that cannot be bound is an error only when none can (OpenSMTPD stops at the first).
final class ListenSockets {
    private static final Logger LOG = LoggerFactory.getLogger(ListenSockets.class);

    /// Connections that may wait to be accepted.
    private static final int BACKLOG = 511;

    private final List<ServerSocketChannel> channels = new ArrayList<>();
    private final List<Integer> listenerIndexes = new ArrayList<>();

    /// @param listeners of the configuration
    /// @throws IOException if there are network listeners and none could be bound
    static ListenSockets open(List<Listener> listeners) throws IOException {
        ListenSockets sockets = new ListenSockets();
        IOException last = null;
        for (int i = 0; i < listeners.size(); i++) {
            if (listeners.get(i).bind() instanceof Listener.Bind.Inet inet) {
                try {
                    sockets.bind(i, inet);
                } catch (IOException e) {
                    last = new IOException(listeners.get(i).where() + ": " + e.getMessage(), e);
                    LOG.warn("warn: {}", last.getMessage());
                }
            }
        }
        if (last != null && sockets.channels.isEmpty()) {
            throw last;
        }
        return sockets;
    }

    private void bind(int index, Listener.Bind.Inet inet) throws IOException {
        IOException last = null;
        int bound = 0;
        for (InetAddress address : HostEnvironment.addresses(inet.target(), inet.family())) {
            try {
                channels.add(listen(new InetSocketAddress(address, inet.port())));
                listenerIndexes.add(index);
                bound++;
            } catch (IOException e) {
                last =
                        new IOException(
                                "listen on "
                                        + address.getHostAddress()
                                        + " port "
                                        + inet.port()
                                        + ": "
                                        + e.getMessage(),
                                e);
                LOG.debug("debug: {}", last.getMessage());
            }
        }
        if (bound == 0) {
            throw last != null ? last : new IOException("no address for " + inet.target());
        }
    }

    private static ServerSocketChannel listen(InetSocketAddress address) throws IOException {
        boolean v6 = address.getAddress() instanceof Inet6Address;
        ServerSocketChannel channel =
                ServerSocketChannel.open(
                        v6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET);
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(address, BACKLOG);
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /// For each socket the index of its listener.
    List<Integer> listenerIndexes() {
        return List.copyOf(listenerIndexes);
    }

    /// The sockets' descriptors, in the same order.
    List<Integer> descriptors() throws IOException {
        List<Integer> fds = new ArrayList<>();
        for (ServerSocketChannel channel : channels) {
            fds.add(Channels.fd(channel));
        }
        return fds;
    }
}
