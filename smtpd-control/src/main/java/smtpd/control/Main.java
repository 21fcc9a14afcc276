package smtpd.control;

import smtpd.control.stat.Backend;
import smtpd.control.stat.Backends;
import smtpd.control.stat.History;
import smtpd.control.stat.LatestReading;
import smtpd.control.stat.Recording;
import smtpd.control.stat.Statsd;
import smtpd.control.web.HttpDoor;
import smtpd.control.web.MetricsPage;
import smtpd.control.web.page.Icon;
import smtpd.control.web.page.OrderPage;
import smtpd.control.web.page.StatusPage;
import smtpd.core.imsg.CaToControl;
import smtpd.core.imsg.ChildToParent;
import smtpd.core.imsg.Codec;
import smtpd.core.imsg.ControlToCa;
import smtpd.core.imsg.ControlToLka;
import smtpd.core.imsg.ControlToMda;
import smtpd.core.imsg.ControlToMta;
import smtpd.core.imsg.ControlToQueue;
import smtpd.core.imsg.ControlToScheduler;
import smtpd.core.imsg.ControlToSmtp;
import smtpd.core.imsg.Done;
import smtpd.core.imsg.KeptPolicy;
import smtpd.core.imsg.Lines;
import smtpd.core.imsg.LkaToControl;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.ManagedService;
import smtpd.core.imsg.MdaToControl;
import smtpd.core.imsg.MtaToControl;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.imsg.QueueToControl;
import smtpd.core.imsg.RouteSummary;
import smtpd.core.imsg.SchedulerToControl;
import smtpd.core.imsg.SmtpToControl;
import smtpd.core.imsg.Stats;
import smtpd.core.mail.Secret;
import smtpd.core.proc.Child;
import smtpd.core.proc.Inbox;
import smtpd.core.proc.LateInbox;
import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.PeerLost;
import smtpd.core.proc.Role;
import smtpd.core.slice.ControlSlice;
import smtpd.core.stat.PushedStatistics;
import smtpd.core.sys.Channels;
import smtpd.core.sys.Credentials;
import smtpd.core.sys.SysException;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// The control process.
public final class Main implements Desk {
    private static final Duration NAME_PATIENCE = Duration.ofSeconds(5);

    /// How often the statistics are handed to where they are kept and shown.
    private static final Duration READ_EVERY = Duration.ofSeconds(1);

    /// In the state directory.
    private static final String STATISTICS_FILE = "statistics.db";

    private final Child child;
    private final Peers peers;
    private final ControlAgent agent;
    private final PolicyFiles policies;

    private final Recording recording;
    private final LatestReading latest = new LatestReading();
    private final Lookout lookout;

    private Main(
            Child child,
            MemoryFile memory,
            PolicyFiles policies,
            Recording recording,
            ControlSlice slice) {
        this.child = child;
        this.recording = recording;
        this.policies = policies;
        LinkPeer<ControlToMda, MdaToControl> mda =
                peer(Role.MDA, ControlToMda.CODEC, MdaToControl.CODEC);
        LinkPeer<ControlToCa, CaToControl> ca = peer(Role.CA, ControlToCa.CODEC, CaToControl.CODEC);
        peers =
                new Peers(
                        peer(Role.SMTP, ControlToSmtp.CODEC, SmtpToControl.CODEC),
                        peer(Role.LKA, ControlToLka.CODEC, LkaToControl.CODEC),
                        peer(Role.QUEUE, ControlToQueue.CODEC, QueueToControl.CODEC),
                        peer(Role.SCHEDULER, ControlToScheduler.CODEC, SchedulerToControl.CODEC),
                        mtaPeer());
        Broadcast broadcast = new Broadcast();
        broadcast.add(Role.SMTP, peers.smtp()::send, peers.smtp()::send);
        broadcast.add(Role.LKA, peers.lka()::send, peers.lka()::send);
        broadcast.add(Role.QUEUE, peers.queue()::send, peers.queue()::send);
        broadcast.add(Role.SCHEDULER, peers.scheduler()::send, peers.scheduler()::send);
        broadcast.add(Role.MTA, peers.mta()::send, peers.mta()::send);
        broadcast.add(Role.MDA, mda::send, mda::send);
        broadcast.add(Role.CA, ca::send, ca::send);
        lookout = new Lookout(this, slice.version(), slice.statistics().host());
        agent = new ControlAgent(peers.smtp(), peers.scheduler(), broadcast, memory::keep, now());
    }

    public static void main(String[] args) throws IOException {
        Child child = Child.start(Role.CONTROL, args);
        ControlSlice slice = ControlSlice.decode(child.config());
        MemoryFile memory = new MemoryFile(Path.of(slice.stateDirectory()));
        Path state = Path.of(slice.stateDirectory());
        Recording recording =
                Recording.open(
                        slice.statistics().kept(),
                        state.resolve(STATISTICS_FILE),
                        child.mailbox().now());
        Main process = new Main(child, memory, new PolicyFiles(state), recording, slice);
        String kept = memory.read();
        process.post(agent -> {
            slice.paused().stream().map(Main::service).forEach(agent::startsPaused);
            agent.recall(kept);
            agent.restore(recording.totals());
        });
        child.onParent(process::fromParent);
        PushedStatistics own =
                child.statistics(
                        stats -> process.agent.onStats(Role.CONTROL, stats, process.now()));
        Door door =
                new Door(
                        Channels.listening(child.listeners().getFirst()),
                        process,
                        ClientLimits.DEFAULT,
                        Main::mayAskAnything,
                        own);
        child.onServe(() -> {
            door.open();
            process.serveStatistics(slice.statistics());
        });
        child.serve();
    }

    /// The descriptors after the control socket's: HTTP, then StatsD.
    private void serveStatistics(ControlSlice.Statistics slice) {
        List<Integer> fds = child.listeners();
        List<Backend> backends = new ArrayList<>(List.of(latest, recording));
        try {
            for (int i = 1; i < fds.size(); i++) {
                if (i <= slice.pages()) {
                    new HttpDoor(Channels.listening(fds.get(i)), pages(slice.tokens().get(i - 1)))
                            .open();
                } else {
                    backends.add(Statsd.over(fds.get(i), recording.totals()));
                }
            }
        } catch (SysException e) {
            throw new IllegalStateException("a socket of the statistics", e);
        }
        Backends all = new Backends(backends);
        all.start();
        child.mailbox().after(READ_EVERY, () -> read(all));
    }

    private void read(Backends backends) {
        backends.offer(agent.reading(now()));
        child.mailbox().after(READ_EVERY, () -> read(backends));
    }

    /// The pages behind one socket.
    private Map<String, HttpDoor.Page> pages(Secret token) {
        boolean operable = !token.text().isEmpty();
        Map<String, HttpDoor.Page> pages = new HashMap<>();
        pages.put("/", new StatusPage(lookout, ZoneId.systemDefault(), operable));
        pages.put("/icon.svg", _ -> Icon.ANSWER);
        pages.put("/metrics", new MetricsPage(latest, this::now));
        if (operable) {
            pages.put("/order", new OrderPage(token, new OrderDesk(new Operations(this))));
        }
        return pages;
    }

    /// Root, and whom the daemon itself runs as.
    private static boolean mayAskAnything(int uid) {
        return uid == 0 || uid == Credentials.uid();
    }

    private static ManagedService service(String word) {
        return ManagedService.valueOf(word.toUpperCase(Locale.ROOT));
    }

    /// The mta has policies kept, and asks for them when it starts.
    private LinkPeer<ControlToMta, MtaToControl> mtaPeer() {
        LateInbox<MtaToControl> inbox = new LateInbox<>();
        LinkPeer<ControlToMta, MtaToControl> mta =
                child.peer(Role.MTA, ControlToMta.CODEC, MtaToControl.CODEC, inbox);
        FromPeer<MtaToControl> usual = new FromPeer<>(Role.MTA);
        inbox.setOwner(
                new Inbox<>() {
                    @Override
                    public void receive(long request, MtaToControl message) {
                        switch (message) {
                            case MtaToControl.KeepPolicy(KeptPolicy policy) ->
                                    policies.keep(policy);
                            case MtaToControl.LoadPolicies _ ->
                                    policies.load(
                                            now(),
                                            kept ->
                                                    mta.answer(
                                                            request,
                                                            new ControlToMta.Policies(kept)));
                            case Stats _, Lines _, RouteSummary _, Done _ ->
                                    usual.receive(request, message);
                        }
                    }

                    @Override
                    public void attached() {
                        usual.attached();
                    }

                    @Override
                    public void detached() {
                        usual.detached();
                    }
                });
        return mta;
    }

    private <O, I> LinkPeer<O, I> peer(Role role, Codec<O> out, Codec<I> in) {
        return child.peer(role, out, in, new FromPeer<>(role));
    }

    /// What processes say unasked: their statistics, and that they are there or gone.
    private final class FromPeer<I> implements Inbox<I> {
        private final Role role;

        private FromPeer(Role role) {
            this.role = role;
        }

        @Override
        public void receive(long request, I message) {
            if (message instanceof Stats stats) {
                agent.onStats(role, stats, now());
            }
        }

        @Override
        public void attached() {
            agent.onAttached(role);
        }

        @Override
        public void detached() {
            agent.onLost(role);
        }
    }

    private void fromParent(long request, ParentToChild message) {
        if (message instanceof ParentToChild.ProcessStatus status) {
            agent.onProcess(status);
        } else if (message instanceof ParentToChild.Counted counted) {
            agent.onStats(Role.PARENT, counted.stats(), now());
        } else if (message instanceof ParentToChild.Seen seen) {
            agent.onSeen(seen, now());
        }
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
    public Peers peers() {
        return peers;
    }

    @Override
    public Instant now() {
        return child.mailbox().now();
    }

    @Override
    public void post(Consumer<ControlAgent> task) {
        child.mailbox().post(() -> task.accept(agent));
    }

    @Override
    public ParentToChild.PkiUpdated updatePki() throws PeerLost {
        ParentToChild answer = child.parent().call(new ChildToParent.UpdatePki(), PATIENCE);
        return answer instanceof ParentToChild.PkiUpdated it
                ? it
                : new ParentToChild.PkiUpdated(List.of(), "unexpected answer");
    }

    @Override
    public Optional<Integer> uidOf(String user) {
        try {
            ParentToChild answer =
                    child.parent().call(new ChildToParent.LookupUser(user), NAME_PATIENCE);
            return answer instanceof ParentToChild.SystemUser it
                            && it.answer() == LookupAnswer.FOUND
                    ? Optional.of(it.user().uid())
                    : Optional.empty();
        } catch (PeerLost _) {
            return Optional.empty();
        }
    }
}
