package smtpd.smtp;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.sys.Channels;
import smtpd.core.sys.Descriptors;
import smtpd.core.sys.SysException;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/// Sockets that other processes opened and handed over, as channels.
final class HandedOver {
    private static final Logger LOG = LoggerFactory.getLogger(HandedOver.class);

    private HandedOver() {}

    /// A listening socket of the parent's.
    static ServerSocketChannel listening(int fd) throws IOException {
        return Channels.listening(fd);
    }

    /// A local user's connected socket; empty, and closed, if it is not one.
    static Optional<SocketChannel> connected(int fd) {
        try {
            return Optional.of(Channels.connected(fd));
        } catch (SysException e) {
            Descriptors.close(fd);
            LOG.warn("warn: smtp: local session: {}", e.getMessage());
            return Optional.empty();
        }
    }
}
