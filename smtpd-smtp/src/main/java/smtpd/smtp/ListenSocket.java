package smtpd.smtp;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.smtp.protocol.Client;
import smtpd.smtp.protocol.Ends;
import smtpd.smtp.protocol.Terms;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// A listening socket and the thread that accepts on it. Accepting never ends by an error: without
/// descriptors or memory it pauses and tries again, while clients wait in the backlog.
final class ListenSocket implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(ListenSocket.class);

    /// Pause after a failed accept: long enough for a session to end, short for the client.
    private static final Duration BACK_OFF = Duration.ofMillis(200);

    /// Failed accepts between two lines of the log.
    private static final int FAILURES_PER_LINE = 50;

    private final ServerSocketChannel channel;
    private final Terms terms;
    private final Sessions sessions;
    private final Gate gate;
    private int failures;

    ListenSocket(ServerSocketChannel channel, Terms terms, Sessions sessions, Gate gate) {
        this.channel = channel;
        this.terms = terms;
        this.sessions = sessions;
        this.gate = gate;
    }

    void start() {
        Thread.ofPlatform().name("accept").daemon(true).start(this);
    }

    void close() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("debug: closing a listening socket: {}", e.getMessage());
        }
    }

    @Override
    public void run() {
        while (channel.isOpen()) {
            gate.await();
            try {
                SocketChannel accepted = channel.accept();
                failures = 0;
                gate.await();
                open(accepted);
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                backOff(e);
            }
        }
    }

    private void open(SocketChannel accepted) {
        try {
            accepted.setOption(StandardSocketOptions.TCP_NODELAY, true);
            Ends.Point remote = point(accepted.getRemoteAddress());
            Ends ends = new Ends(remote, point(accepted.getLocalAddress()));
            sessions.open(accepted, Client.at(remote.address()), terms, ends);
        } catch (IOException e) {
            LOG.debug("debug: lost before the greeting: {}", e.getMessage());
            closeQuietly(accepted);
        }
    }

    private static Ends.Point point(SocketAddress address) {
        InetSocketAddress inet = (InetSocketAddress) address;
        return new Ends.Point(AddressText.of(inet.getAddress()), inet.getPort());
    }

    private static void closeQuietly(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("debug: {}", e.getMessage());
        }
    }

    private void backOff(IOException e) {
        if (failures++ % FAILURES_PER_LINE == 0) {
            LOG.warn("warn: smtp: accept: {}", e.getMessage());
        }
        LockSupport.parkNanos(BACK_OFF.toNanos());
    }
}
