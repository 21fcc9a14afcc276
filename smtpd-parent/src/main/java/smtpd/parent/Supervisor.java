package smtpd.parent;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.imsg.ChildToParent;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.imsg.ProcessView;
import smtpd.core.mail.Bytes;
import smtpd.core.proc.Inbox;
import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.Mailbox;
import smtpd.core.proc.PeerLost;
import smtpd.core.proc.Role;
import smtpd.core.sys.Descriptors;
import smtpd.core.sys.ExitStatus;
import smtpd.core.sys.FdSocket;
import smtpd.core.sys.SysException;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// Keeps the eight other processes running: starts them, wires each to its peers, hears of their
/// deaths and starts them again, with back-off. A fresh process gets fresh links; its peers are
/// handed the other ends.
///
/// Only before everything has been ready once does a process that keeps dying end the daemon.
final class Supervisor {
    private static final Logger LOG = LoggerFactory.getLogger(Supervisor.class);

    /// Starts without ever getting ready that end the daemon while it has not been up.
    private static final int START_ATTEMPTS = 3;

    /// How long processes may finish what is under way when the daemon stops.
    private static final Duration DRAIN = Duration.ofSeconds(5);

    /// How long a process may take to use other certificates or keys.
    private static final Duration NEWS_PATIENCE = Duration.ofSeconds(8);

    /// How often certificates are looked at that may expire.
    private static final Duration PKI_LOOK = Duration.ofHours(1);

    private final Mailbox mailbox;
    private final Plan plan;
    private final Starter starter;
    private final Services services;
    private final Runnable ready;
    private final Renewal renewal;
    private final KernelViews views = new KernelViews(Path.of("/proc"));
    private final Map<Role, Supervised> processes = new EnumMap<>(Role.class);
    private final CountDownLatch failed = new CountDownLatch(1);
    private final CountDownLatch drained = new CountDownLatch(Wiring.CHILDREN.size());
    private boolean up;
    private boolean stopping;

    /// Where a process stands.
    private enum Phase {
        /// Started; has not reported ready.
        STARTING,
        /// Serves.
        READY,
        /// Dead; waits to be started again, or for the end.
        DOWN
    }

    /// One process as the supervisor knows it.
    private static final class Supervised {
        private final LinkPeer<ParentToChild, ChildToParent> control;
        private Phase phase = Phase.DOWN;
        private int pid;
        private int starts;
        private int failures;
        private Instant started = Instant.EPOCH;
        private Duration backoff = Duration.ZERO;
        private String sandbox = "";
        private @Nullable ParentToChild late;

        private Supervised(LinkPeer<ParentToChild, ChildToParent> control) {
            this.control = control;
        }
    }

    /// @param mailbox the parent's own thread
    /// @param plan what to start
    /// @param starter starts one process
    /// @param services what processes may ask the parent
    /// @param renewal certificates and keys that change
    /// @param ready run once, when everything serves for the first time
    Supervisor(
            Mailbox mailbox,
            Plan plan,
            Starter starter,
            Services services,
            Renewal renewal,
            Runnable ready) {
        this.mailbox = mailbox;
        this.plan = plan;
        this.starter = starter;
        this.services = services;
        this.renewal = renewal;
        this.ready = ready;
        for (Role role : Wiring.CHILDREN) {
            processes.put(role, new Supervised(control(role)));
        }
    }

    private LinkPeer<ParentToChild, ChildToParent> control(Role role) {
        return new LinkPeer<>(
                role, ParentToChild.CODEC, ChildToParent.CODEC, new FromChild(role), mailbox);
    }

    private Supervised process(Role role) {
        return java.util.Objects.requireNonNull(processes.get(role));
    }

    /// Starts everything.
    void start() {
        mailbox.post(() -> Wiring.CHILDREN.forEach(this::startProcess));
    }

    /// Waits until the daemon cannot go on; returns only then.
    void awaitFailure() throws InterruptedException {
        failed.await();
    }

    /// Stops everything: asks each process to finish, waits a few seconds, then ends what is left.
    /// Called by another thread than the parent's own.
    void stop() throws InterruptedException {
        mailbox.post(this::drain);
        if (!drained.await(DRAIN.toMillis(), TimeUnit.MILLISECONDS)) {
            mailbox.post(this::killAll);
            boolean ended = drained.await(1, TimeUnit.SECONDS);
            LOG.info(ended ? "info: processes ended by force" : "warn: processes left behind");
        }
    }

    private void drain() {
        stopping = true;
        services.stop();
        for (Supervised process : processes.values()) {
            if (process.phase == Phase.DOWN) {
                drained.countDown();
            } else {
                process.control.send(new ParentToChild.Drain());
            }
        }
    }

    private void killAll() {
        for (Supervised process : processes.values()) {
            if (process.phase != Phase.DOWN) {
                kill(process.pid);
            }
        }
    }

    private void kill(int pid) {
        try {
            starter.kill(pid);
        } catch (SysException e) {
            LOG.warn("warn: {}", e.getMessage());
        }
    }

    private void startProcess(Role role) {
        if (stopping) {
            return;
        }
        Supervised process = process(role);
        process.starts++;
        process.late = null;
        process.started = mailbox.now();
        try {
            FdSocket[] pair = FdSocket.pair();
            process.pid = starter.start(role, pair[1]);
            Descriptors.close(pair[1].fd());
            process.phase = Phase.STARTING;
            process.control.attach(Role.PARENT, pair[0]);
            awaitDeath(role, process.pid);
            introduce(role, process);
        } catch (SysException e) {
            LOG.warn("warn: cannot start {}: {}", role.word(), e.getMessage());
            again(role, process);
        }
        reportStatus(role, process);
    }

    /// Tells a fresh process all it needs, and its peers of it.
    private void introduce(Role role, Supervised process) throws SysException {
        process.control.send(
                new ParentToChild.Start(
                        plan.slices().getOrDefault(role, Bytes.EMPTY),
                        plan.verbose(),
                        plan.traces()));
        int index = 0;
        for (int fd : plan.listeners().getOrDefault(role, List.of())) {
            process.control.sendWithFd(new ParentToChild.Listener(index++), fd);
        }
        for (Role peer : Wiring.peersOf(role)) {
            if (process(peer).phase != Phase.DOWN) {
                link(role, peer);
            }
        }
        process.control.send(new ParentToChild.Go());
    }

    private void link(Role one, Role other) throws SysException {
        FdSocket[] pair = FdSocket.pair();
        try {
            process(one).control.sendWithFd(new ParentToChild.PeerLink(other), pair[0].fd());
            process(other).control.sendWithFd(new ParentToChild.PeerLink(one), pair[1].fd());
        } finally {
            // the processes hold duplicates; FdSocket.close would shut the connection down
            Descriptors.close(pair[0].fd());
            Descriptors.close(pair[1].fd());
        }
    }

    private void awaitDeath(Role role, int pid) {
        Thread.ofPlatform()
                .name("wait " + role.word())
                .daemon(true)
                .start(() -> {
                    ExitStatus status = waitFor(pid);
                    mailbox.post(() -> died(role, pid, status));
                });
    }

    private ExitStatus waitFor(int pid) {
        try {
            return starter.waitFor(pid);
        } catch (SysException e) {
            throw new IllegalStateException("waiting for " + pid, e);
        }
    }

    private void died(Role role, int pid, ExitStatus status) {
        Supervised process = process(role);
        if (process.pid != pid) {
            return;
        }
        Phase was = process.phase;
        process.phase = Phase.DOWN;
        process.control.detach();
        services.lost(role);
        if (stopping) {
            drained.countDown();
            return;
        }
        LOG.warn("warn: lost child: {} {}", role.word(), describe(status));
        process.failures = was == Phase.STARTING ? process.failures + 1 : 0;
        if (!up && process.failures >= START_ATTEMPTS) {
            LOG.error("fatal: {} does not start", role.word());
            failed.countDown();
            return;
        }
        again(role, process);
        reportStatus(role, process);
    }

    private static String describe(ExitStatus status) {
        return switch (status) {
            case ExitStatus.Exited(int code) -> "exited with status " + code;
            case ExitStatus.Signaled(int signal) -> "terminated; signal " + signal;
        };
    }

    /// Tells control how the kernel shows each process.
    private void lookAtProcesses() {
        Map<Role, Long> pids = new EnumMap<>(Role.class);
        pids.put(Role.PARENT, ProcessHandle.current().pid());
        processes.forEach((role, it) -> {
            if (it.phase != Phase.DOWN) {
                pids.put(role, (long) it.pid);
            }
        });
        if (process(Role.CONTROL).phase == Phase.READY) {
            services.aside(() -> tellViews(views.of(pids)));
        }
        mailbox.after(KernelViews.LOOK, this::lookAtProcesses);
    }

    private void tellViews(List<ProcessView> seen) {
        LinkPeer<ParentToChild, ChildToParent> control = process(Role.CONTROL).control;
        control.send(new ParentToChild.Seen(seen));
        control.send(new ParentToChild.Counted(KernelViews.levels(seen)));
    }

    private void again(Role role, Supervised process) {
        Duration lived = Duration.between(process.started, mailbox.now());
        process.backoff = Backoff.next(process.backoff, lived);
        mailbox.after(process.backoff, () -> startProcess(role));
    }

    /// Tells control how a process fares, for `smtpctl show status`.
    private void reportStatus(Role role, Supervised process) {
        int pid = process.phase == Phase.DOWN ? 0 : process.pid;
        process(Role.CONTROL)
                .control
                .send(new ParentToChild.ProcessStatus(role, pid, process.starts, process.sandbox));
    }

    private void isReady(Role role, String sandbox) {
        Supervised process = process(role);
        process.phase = Phase.READY;
        process.failures = 0;
        process.sandbox = sandbox;
        LOG.debug("debug: {} ready, sandbox: {}", role.word(), sandbox);
        if (process.late != null) {
            process.control.send(process.late);
            process.late = null;
        }
        if (role == Role.CONTROL) {
            processes.forEach(this::reportStatus);
            reportPki(null);
        } else {
            reportStatus(role, process);
        }
        if (!up && processes.values().stream().allMatch(it -> it.phase == Phase.READY)) {
            up = true;
            mailbox.after(PKI_LOOK, this::lookAtPki);
            lookAtProcesses();
            ready.run();
        }
    }

    private void lookAtPki() {
        reportPki(null);
        mailbox.after(PKI_LOOK, this::lookAtPki);
    }

    /// Tells control of the certificates, and the log if one expires soon.
    private void reportPki(ParentToChild.@Nullable PkiUpdated outcome) {
        Instant now = mailbox.now();
        services.aside(() ->
                process(Role.CONTROL)
                        .control
                        .send(new ParentToChild.Counted(renewal.look(outcome, now))));
    }

    /// Reads certificates and keys again.
    private void updatePki(LinkPeer<ParentToChild, ChildToParent> asker, long request) {
        Instant now = mailbox.now();
        services.aside(() -> {
            ParentToChild.PkiUpdated done = renewal.update(new Reachable(), now);
            asker.answer(request, done);
            reportPki(done);
        });
    }

    /// The processes as the renewal sees them, from another thread.
    private final class Reachable implements Renewal.Processes {
        @Override
        public boolean isReady(Role role) {
            return inMailbox(() -> process(role).phase == Phase.READY);
        }

        @Override
        public List<String> give(Role role, Bytes slice, ParentToChild news) {
            if (!inMailbox(() -> take(role, slice, news))) {
                return List.of();
            }
            try {
                return process(role).control.call(news, NEWS_PATIENCE)
                                instanceof ChildToParent.Renewed it
                        ? it.refusals()
                        : List.of(role.word() + ": unexpected answer");
            } catch (PeerLost e) {
                return List.of(String.valueOf(e.getMessage()));
            }
        }

        /// Whether there is a process to be told; one that is starting is told when it is ready.
        private boolean take(Role role, Bytes slice, ParentToChild news) {
            plan.replace(role, slice);
            Supervised process = process(role);
            if (process.phase == Phase.STARTING) {
                process.late = news;
            }
            return process.phase == Phase.READY;
        }

        private boolean inMailbox(BooleanSupplier question) {
            CompletableFuture<Boolean> answer = new CompletableFuture<>();
            mailbox.post(() -> answer.complete(question.getAsBoolean()));
            return answer.join();
        }

        @Override
        public void after(Duration delay, Runnable task) {
            mailbox.post(() -> mailbox.after(delay, () -> services.aside(task)));
        }
    }

    /// What one process says.
    private final class FromChild implements Inbox<ChildToParent> {
        private final Role role;

        private FromChild(Role role) {
            this.role = role;
        }

        @Override
        public void receive(long request, ChildToParent message) {
            if (!Permissions.mayAsk(role, message)) {
                LOG.warn("warn: {} may not ask that: it is ended", role.word());
                kill(process(role).pid);
                return;
            }
            LinkPeer<ParentToChild, ChildToParent> asker = process(role).control;
            switch (message) {
                case ChildToParent.Ready it -> isReady(role, it.sandbox());
                case ChildToParent.OpenForward it -> services.openForward(asker, request, it);
                case ChildToParent.LookupUser it -> services.lookupUser(asker, request, it);
                case ChildToParent.CheckPassword it -> services.checkPassword(asker, request, it);
                case ChildToParent.RunCommand it -> services.runCommand(asker, request, it);
                case ChildToParent.KillCommand it -> services.killCommand(it);
                case ChildToParent.StartTable it -> services.startTable(asker, request, it);
                case ChildToParent.EndTable it -> services.endTable(it);
                case ChildToParent.StartFilter it -> services.startFilter(asker, request, it);
                case ChildToParent.EndFilter it -> services.endFilter(it);
                case ChildToParent.UpdatePki _ -> updatePki(asker, request);
                case ChildToParent.Renewed _ ->
                        throw new IllegalStateException("not permitted unasked");
            }
        }
    }
}
