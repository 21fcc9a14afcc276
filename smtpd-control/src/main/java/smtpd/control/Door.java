package smtpd.control;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.proc.Fatal;
import smtpd.core.stat.Statistics;
import smtpd.core.sys.Channels;
import smtpd.core.sys.Descriptors;
import smtpd.core.sys.FdSocket;
import smtpd.core.sys.SysException;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntPredicate;

/// Accepts on the control socket and gives each client a thread, within [ClientLimits]; cuts off
/// clients whose time is up.
final class Door implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Door.class);

    /// How often clients are looked at whose time may be up.
    private static final long LOOK_MILLIS = 500;

    /// Pause when nothing can be accepted, as when descriptors have run out.
    private static final long BREATH_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ServerSocketChannel listener;
    private final Desk desk;
    private final ClientLimits limits;
    private final IntPredicate operators;
    private final Statistics statistics;
    private final Set<ClientLink> clients = new LinkedHashSet<>();
    private final Map<Integer, Integer> perUid = new HashMap<>();
    private int strangers;
    private final ScheduledExecutorService watch =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("watch").daemon(true).factory());

    /// @param listener the listening socket
    /// @param desk what sessions need
    /// @param limits what clients may take
    /// @param operators the uids that may ask anything
    /// @param statistics counts sessions
    Door(
            ServerSocketChannel listener,
            Desk desk,
            ClientLimits limits,
            IntPredicate operators,
            Statistics statistics) {
        this.listener = listener;
        this.desk = desk;
        this.limits = limits;
        this.operators = operators;
        this.statistics = statistics;
    }

    /// Begins to accept, on a thread of its own.
    void open() {
        ScheduledFuture<?> looks =
                watch.scheduleWithFixedDelay(
                        Fatal.guarded(this::expire),
                        LOOK_MILLIS,
                        LOOK_MILLIS,
                        TimeUnit.MILLISECONDS);
        Thread.ofPlatform()
                .name("accept")
                .daemon(true)
                .start(() -> {
                    accept();
                    looks.cancel(false);
                });
    }

    private void accept() {
        while (true) {
            try (SocketChannel accepted = listener.accept()) {
                admit(Descriptors.duplicate(Channels.fd(accepted), 3));
            } catch (ClosedChannelException _) {
                return;
            } catch (IOException e) {
                LOG.warn("warn: control: accept: {}", e.getMessage());
                LockSupport.parkNanos(BREATH_NANOS);
            }
        }
    }

    private void admit(int fd) throws SysException {
        FdSocket socket = FdSocket.adopt(fd);
        int uid;
        try {
            uid = socket.peerCredentials().uid();
        } catch (SysException e) {
            socket.close();
            throw e;
        }
        boolean operator = operators.test(uid);
        ClientLink link = new ClientLink(socket, limits);
        if (!enter(link, uid, operator)) {
            LOG.debug("debug: control: too many clients of uid {}", uid);
            link.close();
            return;
        }
        statistics.increment("control.session");
        Thread.ofPlatform()
                .name("client")
                .daemon(true)
                .start(() -> {
                    try {
                        new ClientSession(link, desk, uid, operator).run();
                    } finally {
                        leave(link, uid, operator);
                        statistics.decrement("control.session");
                    }
                });
    }

    private synchronized boolean enter(ClientLink link, int uid, boolean operator) {
        int same = perUid.getOrDefault(uid, 0);
        if (same >= limits.perUser() || (!operator && strangers >= limits.total())) {
            return false;
        }
        perUid.put(uid, same + 1);
        strangers += operator ? 0 : 1;
        clients.add(link);
        return true;
    }

    private synchronized void leave(ClientLink link, int uid, boolean operator) {
        clients.remove(link);
        strangers -= operator ? 0 : 1;
        perUid.computeIfPresent(uid, (_, count) -> count > 1 ? count - 1 : null);
    }

    private void expire() {
        List<ClientLink> now;
        synchronized (this) {
            now = List.copyOf(clients);
        }
        for (ClientLink client : now) {
            if (client.expire()) {
                LOG.debug("debug: control: a client was too slow");
            }
        }
    }

    /// Stops accepting; clients that are there are served to their end.
    @Override
    public void close() throws IOException {
        listener.close();
        watch.shutdown();
    }
}
