package smtpd.parent;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.conf.Config;
import smtpd.core.conf.HostEnvironment;
import smtpd.core.key.KeySources;
import smtpd.core.log.Logging;
import smtpd.core.proc.Fatal;
import smtpd.core.proc.Mailbox;
import smtpd.core.proc.Paths;
import smtpd.core.proc.Role;
import smtpd.core.proc.SandboxPolicy;
import smtpd.core.sys.Channels;
import smtpd.core.sys.Credentials;
import smtpd.core.sys.Descriptors;
import smtpd.core.sys.Layers;
import smtpd.core.sys.SysException;
import smtpd.core.sys.UnixDatagrams;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// The daemon from its start to its end: directories, sockets, processes, and the signals that stop
/// it.
final class Daemon {
    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

    private final Config config;
    private final CommandLine line;
    private final Paths paths;
    private final boolean root = Credentials.effectiveUid() == 0;
    private final Layers layers = Layers.probe();
    private volatile boolean failed;

    Daemon(Config config, CommandLine line, Paths paths) {
        this.config = config;
        this.line = line;
        this.paths = paths;
    }

    /// Runs until a signal or a process that does not start ends it; returns the exit status.
    int run() throws IOException, InterruptedException {
        boolean toSyslog = line.mode() != CommandLine.Mode.DEBUG;
        LogSink sink = toSyslog ? LogSink.syslog(paths.logSpill()) : LogSink.standardError();
        Logging.to(sink.output());
        Fatal.install();
        Logging.verbose(line.run().verbose());
        Channels.selfTest();
        checkSandbox();
        Carried.warnings(config).forEach(each -> LOG.warn("warn: not in this version: {}", each));
        List<KeySources.Found> queueKeys =
                new KeySources(System.in).read(config.settings().queue().keys());
        Accounts accounts = Accounts.find(root);
        Directories.prepare(paths, accounts, config.settings());
        ListenSockets sockets = ListenSockets.open(config.listeners());
        int control = ControlSocket.open(paths.socket());
        StatisticsSockets pages = StatisticsSockets.open(config.settings().statistics());
        LOG.info("info: {} starting", Version.TEXT);
        LOG.info("info: {}", layers.line());

        Mailbox mailbox = new Mailbox("parent", InstantSource.system());
        Slices slices =
                new Slices(
                        config,
                        Machine.find(config, paths, root),
                        paths,
                        line.run(),
                        new Slices.Sockets(sockets.listenerIndexes(), pages.tokens()),
                        queueKeys);
        Plan plan =
                new Plan(
                        slices.all(),
                        listeners(sockets.descriptors(), control, pages.descriptors()),
                        line.run().verbose(),
                        line.run().traces());
        Jvm jvm = Jvm.current().with(config.settings().limits().heaps());
        Sandboxes sandboxes = new Sandboxes(config, paths, jvm, layers, accounts);
        OfflineQueue offline = offline(jvm);
        Supervisor supervisor =
                new Supervisor(
                        mailbox,
                        plan,
                        new SandboxedStarter(jvm, sandboxes, sink),
                        services(jvm, accounts),
                        new Renewal(slices, files()),
                        () -> ready(offline));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(supervisor), "stop"));
        supervisor.start();
        supervisor.awaitFailure();
        failed = true;
        return 1;
    }

    /// The operator may require the layers that the kernel can give.
    private void checkSandbox() throws IOException {
        if (config.settings().sandbox() == Config.SandboxLevel.REQUIRED && !layers.complete()) {
            throw new IOException("the sandbox is required and not complete: " + layers.line());
        }
    }

    /// Who looks at files that are read again.
    private HostEnvironment files() {
        return new HostEnvironment(
                config.settings().hostname(), Credentials.uid(), List.of(), List.of());
    }

    private static Map<Role, List<Integer>> listeners(
            List<Integer> smtp, int control, List<Integer> statistics) {
        Map<Role, List<Integer>> listeners = new EnumMap<>(Role.class);
        listeners.put(Role.SMTP, smtp);
        List<Integer> ofControl = new ArrayList<>(List.of(control));
        ofControl.addAll(statistics);
        listeners.put(Role.CONTROL, ofControl);
        return listeners;
    }

    private Services services(Jvm jvm, Accounts accounts) {
        return new Services(
                new SystemUsers(),
                SystemPasswords.ofTheSystem(),
                new Forwards(),
                new Commands(root, Credentials.effectiveUid()),
                new TablePrograms(
                        config.tables(),
                        SocketPrograms.folders(jvm.lib()),
                        accounts.of(SandboxPolicy.Account.SMTPD)),
                new FilterPrograms(
                        config.programs().procs(),
                        SocketPrograms.folders(jvm.lib()),
                        accounts.of(SandboxPolicy.Account.SMTPD)));
    }

    private OfflineQueue offline(Jvm jvm) {
        Path sendmail = jvm.lib().resolveSibling("bin").resolve("sendmail");
        List<String> environment =
                List.of(
                        "PATH=/usr/bin:/bin",
                        "JAVA_HOME=" + jvm.javaHome(),
                        "SMTPD_SOCKET=" + paths.socket(),
                        // what cannot be taken now stays where it is, and is not left a second time
                        "SMTPD_RESUBMITTING=1");
        return new OfflineQueue(paths.offline(), sendmail, environment, root);
    }

    private void ready(OfflineQueue offline) {
        LOG.info("info: {} ready", Version.TEXT);
        offline.start();
        try {
            String socket = System.getenv().getOrDefault("NOTIFY_SOCKET", "");
            boolean told = UnixDatagrams.notify(socket, "READY=1");
            LOG.debug("debug: service manager told: {}", told);
        } catch (SysException e) {
            LOG.warn("warn: service manager: {}", e.getMessage());
        }
        String fd = System.getenv().getOrDefault(Background.READY_FD, "");
        if (!fd.isEmpty()) {
            tell(Integer.parseInt(fd));
        }
    }

    private static void tell(int fd) {
        try (OutputStream out = Descriptors.output(fd)) {
            out.write('R');
        } catch (IOException e) {
            LOG.debug("debug: nobody waits for us to be ready");
        }
    }

    /// Ends the processes, then this one: with status 0 when a signal asked for it, where the JVM
    /// would say 143.
    private void stop(Supervisor supervisor) {
        try {
            supervisor.stop();
            LOG.info("Exiting");
            Logging.flush();
            Runtime.getRuntime().halt(failed ? 1 : 0);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
