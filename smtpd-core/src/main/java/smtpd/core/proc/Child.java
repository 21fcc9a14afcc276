package smtpd.core.proc;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.imsg.ChildToParent;
import smtpd.core.imsg.Codec;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.imsg.Stats;
import smtpd.core.log.Logging;
import smtpd.core.log.Traces;
import smtpd.core.mail.Bytes;
import smtpd.core.stat.PushedStatistics;
import smtpd.core.sys.Descriptors;
import smtpd.core.sys.FdSocket;
import smtpd.core.sys.Permission;
import smtpd.core.sys.SysException;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/// What every process but the parent begins with: its control link on descriptor 0, its
/// configuration slice, its peers and listening sockets, and the mailbox of its agent.
///
/// The order of a start: the parent sends `Start`, each `PeerLink` and `Listener`, then `Go`;
/// [#start] waits for all of it; the process makes its agent and peers; [#serve] attaches them,
/// pledges, says `Ready`, and returns only at the end. Losing the parent ends the process at once:
/// that is the only liveness rule.
public final class Child {
    private static final Logger LOG = LoggerFactory.getLogger(Child.class);

    /// How often changes of the statistics are pushed to control.
    private static final Duration STATISTICS_INTERVAL = Duration.ofSeconds(1);

    /// Every so many pushes tell what the levels stand at, whether they changed or not: control may
    /// have been started anew.
    private static final int LEVELS_EVERY = 5;

    private final Role role;
    private final Mailbox mailbox;
    private final LinkPeer<ChildToParent, ParentToChild> parent;
    private final CountDownLatch gone = new CountDownLatch(1);
    private final Map<Role, Integer> early = new EnumMap<>(Role.class);
    private final Map<Role, LinkPeer<?, ?>> peers = new EnumMap<>(Role.class);
    private final List<Integer> listeners = new ArrayList<>();
    private final CountDownLatch go = new CountDownLatch(1);
    private ParentToChild.@Nullable Start start;
    private Inbox<ParentToChild> services = (request, message) -> {};
    private Runnable drain = () -> {};
    private Runnable begin = () -> {};
    private final Set<Permission> permitted = EnumSet.noneOf(Permission.class);
    private boolean serving;

    private Child(Role role) {
        this.role = role;
        mailbox = new Mailbox(role.word(), InstantSource.system());
        parent =
                new LinkPeer<>(
                        Role.PARENT,
                        ChildToParent.CODEC,
                        ParentToChild.CODEC,
                        new FromParent(),
                        mailbox);
    }

    /// Takes up the control link and waits until everything has been handed over.
    ///
    /// @param args of the program: none, or the number of the control link's descriptor where it is
    ///   not 0
    public static Child start(Role role, String... args) {
        Fatal.install();
        Logging.toStandardError();
        Child child = new Child(role);
        try {
            child.parent.attach(
                    role, FdSocket.adopt(args.length == 0 ? 0 : Integer.parseInt(args[0])));
            child.go.await();
        } catch (SysException | InterruptedException e) {
            throw new IllegalStateException("no control link", e);
        }
        return child;
    }

    /// The slice of the configuration this process may know.
    public Bytes config() {
        return java.util.Objects.requireNonNull(start).config();
    }

    /// The agent's thread and clock.
    public Mailbox mailbox() {
        return mailbox;
    }

    /// The parent, for what it does on request.
    public LinkPeer<ChildToParent, ParentToChild> parent() {
        return parent;
    }

    /// The listening sockets in the order of the slice; they now belong to the caller.
    public List<Integer> listeners() {
        return List.copyOf(listeners);
    }

    /// What the parent says unasked, beyond what every child understands: run in the agent's
    /// thread.
    public void onParent(Inbox<ParentToChild> inbox) {
        services = inbox;
    }

    /// What to begin once the process is confined, before it says that it is ready: run in the main
    /// thread. Whoever serves strangers begins here.
    public void onServe(Runnable task) {
        begin = task;
    }

    /// Leaves the process a permission beyond those of its role, which its configuration needs and
    /// its walls allow.
    public void permit(Permission permission) {
        permitted.add(permission);
    }

    /// What to do when the daemon stops: finish quickly what is under way. The process exits when
    /// it returns.
    public void onDrain(Runnable task) {
        drain = task;
    }

    /// What this process counts; `push` is given the changes every second.
    public PushedStatistics statistics(Consumer<Stats> push) {
        PushedStatistics statistics = new PushedStatistics();
        statistics.set("process.heap-limit." + role.word(), Runtime.getRuntime().maxMemory());
        mailbox.after(STATISTICS_INTERVAL, () -> pushStatistics(1, statistics, push));
        return statistics;
    }

    private void pushStatistics(int turn, PushedStatistics statistics, Consumer<Stats> push) {
        boolean levels = turn == LEVELS_EVERY;
        Runtime own = Runtime.getRuntime();
        // there is something to push each time: control knows by it that we are at work
        statistics.set("process.heap." + role.word(), own.totalMemory() - own.freeMemory());
        push.accept(levels ? statistics.drainWithLevels() : statistics.drain());
        mailbox.after(
                STATISTICS_INTERVAL, () -> pushStatistics(levels ? 1 : turn + 1, statistics, push));
    }

    /// Makes a peer, whose messages arrive in the agent's thread.
    public <O, I> LinkPeer<O, I> peer(Role peer, Codec<O> out, Codec<I> in, Inbox<I> inbox) {
        return peer(peer, out, in, inbox, mailbox);
    }

    /// Makes a peer whose messages are handled in `where`.
    public <O, I> LinkPeer<O, I> peer(
            Role peer, Codec<O> out, Codec<I> in, Inbox<I> inbox, Executor where) {
        LinkPeer<O, I> made = new LinkPeer<>(peer, out, in, inbox, where, mailbox);
        peers.put(peer, made);
        return made;
    }

    /// Attaches the peers, pledges, reports ready, and serves until the parent is gone or wants the
    /// end. Everything that opens a socket or loads a class lazily must have happened by now.
    public void serve() {
        CountDownLatch attached = new CountDownLatch(1);
        mailbox.post(() -> {
            attachPeers();
            attached.countDown();
        });
        await(attached);
        String sandbox = Confinement.pledge(role, permitted);
        begin.run();
        parent.send(new ChildToParent.Ready(sandbox));
        await(gone);
        Logging.flush();
        Runtime.getRuntime().halt(0);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException("the main thread is never interrupted", e);
        }
    }

    private void attachPeers() {
        serving = true;
        early.forEach(this::attach);
        early.clear();
    }

    private void attach(Role peer, int fd) {
        LinkPeer<?, ?> known = peers.get(peer);
        if (known == null) {
            Descriptors.close(fd);
            LOG.debug("debug: link to {} has no use here", peer.word());
            return;
        }
        try {
            known.attach(role, FdSocket.adopt(fd));
        } catch (SysException e) {
            throw new IllegalStateException("link to " + peer.word(), e);
        }
    }

    /// The control link.
    private final class FromParent implements Inbox<ParentToChild> {
        @Override
        public void receive(long request, ParentToChild message) {
            switch (message) {
                case ParentToChild.Start it -> begin(it);
                case ParentToChild.Go _ -> go.countDown();
                case ParentToChild.Drain _ -> drain();
                default -> services.receive(request, message);
            }
        }

        @Override
        public void receive(long request, ParentToChild message, int fd) {
            switch (message) {
                case ParentToChild.PeerLink it when serving -> attach(it.peer(), fd);
                case ParentToChild.PeerLink it -> early.put(it.peer(), fd);
                case ParentToChild.Listener _ -> listeners.add(fd);
                default -> services.receive(request, message, fd);
            }
        }

        @Override
        public void detached() {
            Logging.flush();
            Runtime.getRuntime().halt(0);
        }
    }

    private void begin(ParentToChild.Start it) {
        start = it;
        Logging.verbose(it.verbose());
        it.traces().forEach(name -> Traces.set(name, true));
    }

    private void drain() {
        Thread.ofPlatform()
                .name("drain")
                .start(() -> {
                    drain.run();
                    gone.countDown();
                });
    }
}
