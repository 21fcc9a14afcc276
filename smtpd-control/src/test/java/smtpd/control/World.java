package smtpd.control;

import smtpd.control.stat.History;
import smtpd.control.stat.LatestReading;
import smtpd.control.stat.Recording;
import smtpd.core.imsg.BodyChunk;
import smtpd.core.imsg.Codec;
import smtpd.core.imsg.ControlToLka;
import smtpd.core.imsg.ControlToMta;
import smtpd.core.imsg.ControlToQueue;
import smtpd.core.imsg.ControlToScheduler;
import smtpd.core.imsg.ControlToSmtp;
import smtpd.core.imsg.Done;
import smtpd.core.imsg.Lines;
import smtpd.core.imsg.LkaToControl;
import smtpd.core.imsg.MtaToControl;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.imsg.Progress;
import smtpd.core.imsg.QueueSummary;
import smtpd.core.imsg.QueueToControl;
import smtpd.core.imsg.RouteSummary;
import smtpd.core.imsg.ScheduleState;
import smtpd.core.imsg.SchedulerToControl;
import smtpd.core.imsg.SmtpToControl;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Envelope;
import smtpd.core.proc.Inbox;
import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.Mailbox;
import smtpd.core.proc.Role;
import smtpd.core.stat.PushedStatistics;
import smtpd.core.sys.Credentials;
import smtpd.core.sys.Descriptors;
import smtpd.core.sys.FdSocket;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.function.IntPredicate;

/// The control process without its parent: a real socket, real links, and peers that answer from
/// what a test has put into them.
public final class World implements AutoCloseable {
    /// The time of the clock.
    public static final Instant NOW = Instant.ofEpochSecond(1_800_000_000L);

    /// A session that was handed over: who it is for, and its descriptor, owned by the taker.
    public record Handed(ControlToSmtp.OpenSession session, int fd) {}

    /// The envelopes the queue has.
    public final Map<Long, Envelope> envelopes = new TreeMap<>(Long::compareUnsigned);

    /// Where the scheduler has them.
    public final Map<Long, ScheduleState> states = new ConcurrentHashMap<>();

    /// What the scheduler was asked to do.
    public final List<ControlToScheduler> commands = new CopyOnWriteArrayList<>();

    /// Sessions that smtp was given.
    public final BlockingQueue<Handed> handed = new LinkedBlockingQueue<>();

    /// What smtp was told.
    public final BlockingQueue<ControlToSmtp> toSmtp = new LinkedBlockingQueue<>();

    /// The user names the parent knows.
    public final Map<String, Integer> users = new ConcurrentHashMap<>();

    /// What control wants to remember, the latest last.
    final List<String> kept = new CopyOnWriteArrayList<>();

    /// Whether the scheduler says that mta and mda are what they should become.
    public volatile boolean schedulerAgrees = true;

    /// How often the scheduler says that it is at it before a command is done.
    public volatile int progress;

    /// The queue at a glance.
    volatile QueueSummary summary = new QueueSummary(List.of(), 0, false, List.of());

    /// The content of every message, in chunks.
    public List<String> content = List.of();

    /// The history of the statistics.
    public final Recording recording = Recording.ram();

    final LatestReading latest = new LatestReading();

    final Mailbox mailbox = new Mailbox("control", InstantSource.fixed(NOW));
    final ControlAgent agent;
    private final Peers peers;
    private final Door door;
    private final Path path;
    private final FarEnd<SmtpToControl, ControlToSmtp> smtp;
    private final FarEnd<SchedulerToControl, ControlToScheduler> scheduler;

    /// What a peer does about a message.
    private interface Brain<O, I> {
        void receive(FarEnd<O, I> self, long request, I message);
    }

    /// The other end of a link.
    private final class FarEnd<O, I> {
        private final LinkPeer<O, I> peer;

        FarEnd(Codec<O> out, Codec<I> in, Brain<O, I> brain) {
            Inbox<I> inbox = (request, message) -> brain.receive(this, request, message);
            peer = new LinkPeer<>(Role.CONTROL, out, in, inbox, Runnable::run, mailbox);
        }

        FarEnd(Codec<O> out, Codec<I> in, Inbox<I> inbox) {
            peer = new LinkPeer<>(Role.CONTROL, out, in, inbox, Runnable::run, mailbox);
        }

        void answer(long request, O message) {
            if (request != 0) {
                peer.answer(request, message);
            }
        }
    }

    /// Opens the socket at `path`.
    public static World at(Path path) throws IOException {
        return new World(path, ClientLimits.DEFAULT, uid -> uid == Credentials.uid());
    }

    World(Path path, ClientLimits limits, IntPredicate operators) throws IOException {
        this.path = path;
        peers =
                new Peers(
                        near(Role.SMTP, ControlToSmtp.CODEC, SmtpToControl.CODEC),
                        near(Role.LKA, ControlToLka.CODEC, LkaToControl.CODEC),
                        near(Role.QUEUE, ControlToQueue.CODEC, QueueToControl.CODEC),
                        near(Role.SCHEDULER, ControlToScheduler.CODEC, SchedulerToControl.CODEC),
                        near(Role.MTA, ControlToMta.CODEC, MtaToControl.CODEC));
        Broadcast broadcast = new Broadcast();
        broadcast.add(Role.SMTP, peers.smtp()::send, peers.smtp()::send);
        agent = new ControlAgent(peers.smtp(), peers.scheduler(), broadcast, kept::add, NOW);
        smtp = new FarEnd<>(SmtpToControl.CODEC, ControlToSmtp.CODEC, new SmtpEnd());
        scheduler =
                new FarEnd<>(
                        SchedulerToControl.CODEC, ControlToScheduler.CODEC, this::askScheduler);
        attachSmtp();
        restartScheduler();
        connect(
                peers.lka(),
                new FarEnd<>(LkaToControl.CODEC, ControlToLka.CODEC, World::askLka).peer);
        connect(
                peers.queue(),
                new FarEnd<>(QueueToControl.CODEC, ControlToQueue.CODEC, this::askQueue).peer);
        connect(
                peers.mta(),
                new FarEnd<>(MtaToControl.CODEC, ControlToMta.CODEC, World::askMta).peer);
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(path));
        PushedStatistics own = new PushedStatistics();
        door = new Door(listener, new TestDesk(), limits, operators, own);
        door.open();
    }

    private <O, I> LinkPeer<O, I> near(Role role, Codec<O> out, Codec<I> in) {
        Inbox<I> inbox =
                new Inbox<>() {
                    @Override
                    public void receive(long request, I message) {}

                    @Override
                    public void attached() {
                        agent.onAttached(role);
                    }

                    @Override
                    public void detached() {
                        agent.onLost(role);
                    }
                };
        return new LinkPeer<>(role, out, in, inbox, mailbox);
    }

    private static void connect(LinkPeer<?, ?> near, LinkPeer<?, ?> far) throws IOException {
        FdSocket[] pair = FdSocket.pair();
        far.attach(Role.MTA, pair[1]);
        near.attach(Role.CONTROL, pair[0]);
    }

    /// smtp is started (anew).
    public void attachSmtp() throws IOException {
        connect(peers.smtp(), smtp.peer);
    }

    /// smtp dies.
    public void loseSmtp() {
        smtp.peer.detach();
    }

    /// The scheduler is started anew.
    public void restartScheduler() throws IOException {
        connect(peers.scheduler(), scheduler.peer);
    }

    /// Runs in the agent's thread and waits.
    void inAgent(Consumer<ControlAgent> task) {
        new TestDesk()
                .ask(it -> {
                    task.accept(it);
                    return true;
                });
    }

    /// Where the socket is.
    public Path path() {
        return path;
    }

    Peers peers() {
        return peers;
    }

    /// The scheduler dies.
    void loseScheduler() {
        scheduler.peer.detach();
    }

    Desk desk() {
        return new TestDesk();
    }

    private final class SmtpEnd implements Inbox<ControlToSmtp> {
        @Override
        public void receive(long request, ControlToSmtp message) {
            toSmtp.add(message);
            smtp.answer(request, new Done(true, ""));
        }

        @Override
        public void receive(long request, ControlToSmtp message, int fd) {
            if (message instanceof ControlToSmtp.OpenSession session) {
                handed.add(new Handed(session, fd));
            } else {
                Descriptors.close(fd);
            }
        }
    }

    private void askScheduler(
            FarEnd<SchedulerToControl, ?> self, long request, ControlToScheduler message) {
        if (message instanceof ControlToScheduler.States(var ids)) {
            List<ScheduleState> known =
                    ids.stream()
                            .map(id -> states.get(id.value()))
                            .filter(java.util.Objects::nonNull)
                            .toList();
            self.answer(request, new SchedulerToControl.StateList(known));
            return;
        }
        if (message instanceof ControlToScheduler.Summarize) {
            self.answer(request, summary);
            return;
        }
        commands.add(message);
        for (int at = 1; at <= progress; at++) {
            self.answer(request, new Progress(at));
        }
        self.answer(
                request,
                message instanceof ControlToScheduler.Pause
                        ? new Done(schedulerAgrees, schedulerAgrees ? "" : "so it is already")
                        : new SchedulerToControl.Count(commands.size()));
    }

    private static void askLka(FarEnd<LkaToControl, ?> lka, long request, ControlToLka message) {
        boolean known =
                message instanceof ControlToLka.UpdateTable(String table)
                        && table.equals("aliases");
        lka.answer(request, new Done(known, known ? "" : "no such table"));
    }

    private static void askMta(FarEnd<MtaToControl, ?> mta, long request, ControlToMta message) {
        mta.answer(
                request,
                message instanceof ControlToMta.Show(var what)
                        ? new Lines(List.of(what.name()))
                        : message instanceof ControlToMta.Summarize
                                ? new RouteSummary(List.of(), 4)
                                : new Done(true, ""));
    }

    private void askQueue(FarEnd<QueueToControl, ?> queue, long request, ControlToQueue message) {
        if (message instanceof ControlToQueue.ListEnvelopes(long after, int max)) {
            List<Envelope> page =
                    envelopes.values().stream()
                            .filter(it -> isAfter(it, after))
                            .limit(max)
                            .toList();
            queue.answer(request, new QueueToControl.EnvelopePage(page));
        } else if (message instanceof ControlToQueue.ShowMessage) {
            content.forEach(text -> queue.answer(request, new BodyChunk(Bytes.of(text), false)));
            queue.answer(request, new BodyChunk(Bytes.EMPTY, true));
        }
    }

    private static boolean isAfter(Envelope envelope, long after) {
        return Long.compareUnsigned(envelope.id().value(), after) > 0;
    }

    private final class TestDesk implements Desk {
        @Override
        public Peers peers() {
            return peers;
        }

        @Override
        public History history() {
            return recording.history();
        }

        @Override
        public LatestReading latest() {
            return latest;
        }

        @Override
        public Instant now() {
            return NOW;
        }

        @Override
        public void post(Consumer<ControlAgent> task) {
            mailbox.post(() -> task.accept(agent));
        }

        @Override
        public ParentToChild.PkiUpdated updatePki() {
            return new ParentToChild.PkiUpdated(
                    List.of("pki a.example: renewed", "pki b.example: kept as it was: no key"),
                    "1 of 2 kept as it was");
        }

        @Override
        public Optional<Integer> uidOf(String user) {
            return Optional.ofNullable(users.get(user));
        }
    }

    /// Limits for tests that wait for the end of a client's time.
    static ClientLimits impatient() {
        return new ClientLimits(1, 1, Duration.ofMillis(300), Duration.ofMillis(300));
    }

    @Override
    public void close() {
        try {
            door.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List.of(peers.smtp(), peers.lka(), peers.queue(), peers.scheduler(), peers.mta())
                .forEach(LinkPeer::detach);
        mailbox.close();
    }
}
