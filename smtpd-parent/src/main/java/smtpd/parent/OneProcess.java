package smtpd.parent;

import smtpd.core.conf.Config;
import smtpd.core.conf.HostEnvironment;
import smtpd.core.key.KeySources;
import smtpd.core.proc.Mailbox;
import smtpd.core.proc.Paths;
import smtpd.core.proc.Role;
import smtpd.core.sys.Credentials;
import smtpd.core.sys.Descriptors;
import smtpd.core.sys.ExitStatus;
import smtpd.core.sys.FdSocket;
import smtpd.core.sys.SysException;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// The daemon with its processes as threads of this JVM and without walls: not for mail, but for
/// the rehearsal that the archive of pre-loaded classes is recorded from.
public final class OneProcess {
    /// How long the start may take on a slow machine.
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private OneProcess() {}

    /// The program of a role.
    public interface Program {
        /// Runs until the end.
        ///
        /// @param args the number of the control link's descriptor
        void main(String[] args) throws Exception;
    }

    /// Starts everything; returns when all of it serves.
    ///
    /// @param config what to serve
    /// @param paths where our files are
    /// @param programs what each role runs
    public static void start(Config config, Paths paths, Map<Role, Program> programs)
            throws IOException, InterruptedException {
        Directories.prepare(paths, Accounts.find(false), config.settings());
        ListenSockets sockets = ListenSockets.open(config.listeners());
        boolean root = Credentials.effectiveUid() == 0;
        CommandLine.Run run = new CommandLine.Run(false, List.of(), List.of(), Map.of());
        Slices slices =
                new Slices(
                        config,
                        Machine.find(config, paths, root),
                        paths,
                        run,
                        new Slices.Sockets(sockets.listenerIndexes(), List.of()),
                        new KeySources(System.in).read(config.settings().queue().keys()));
        Map<Role, List<Integer>> listeners = new EnumMap<>(Role.class);
        listeners.put(Role.SMTP, sockets.descriptors());
        listeners.put(Role.CONTROL, List.of(ControlSocket.open(paths.socket())));
        Plan plan = new Plan(slices.all(), listeners, false, List.of());
        CountDownLatch ready = new CountDownLatch(1);
        new Supervisor(
                        new Mailbox("parent", InstantSource.system()),
                        plan,
                        new Threads(programs),
                        new Services(
                                new SystemUsers(),
                                SystemPasswords.ofTheSystem(),
                                new Forwards(),
                                new Commands(root, Credentials.effectiveUid()),
                                new TablePrograms(config.tables(), List.of(), null),
                                new FilterPrograms(config.programs().procs(), List.of(), null)),
                        new Renewal(
                                slices,
                                new HostEnvironment(
                                        config.settings().hostname(),
                                        Credentials.uid(),
                                        List.of(),
                                        List.of())),
                        ready::countDown)
                .start();
        if (!ready.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IOException("not ready in " + PATIENCE.toSeconds() + " s");
        }
    }

    /// Starts processes that are threads and never end.
    private record Threads(Map<Role, Program> programs) implements Starter {
        @Override
        public int start(Role role, FdSocket control) throws SysException {
            Program program = java.util.Objects.requireNonNull(programs.get(role));
            int fd = Descriptors.duplicate(control.fd(), 0);
            Thread thread =
                    Thread.ofPlatform()
                            .name(role.word() + " main")
                            .start(() -> {
                                try {
                                    program.main(new String[] {Integer.toString(fd)});
                                } catch (Exception e) {
                                    throw new IllegalStateException(role.word(), e);
                                }
                            });
            return Math.toIntExact(thread.threadId());
        }

        @Override
        public ExitStatus waitFor(int pid) {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return new ExitStatus.Exited(0);
        }

        @Override
        public void kill(int pid) {
            throw new IllegalStateException("a thread cannot be killed");
        }
    }
}
