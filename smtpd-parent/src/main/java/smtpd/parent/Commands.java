package smtpd.parent;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.imsg.ChildToParent;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.imsg.UserRecord;
import smtpd.core.proc.Fatal;
import smtpd.core.proc.LinkPeer;
import smtpd.core.sys.Descriptors;
import smtpd.core.sys.ExitStatus;
import smtpd.core.sys.Identity;
import smtpd.core.sys.Spawn;
import smtpd.core.sys.SysException;
import smtpd.core.sys.SystemUser;
import smtpd.core.sys.Users;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// Runs delivery commands: as the recipient's user, with the environment given and nothing else, in
/// a session of their own, for a limited time. The message comes on their standard input, straight
/// from the mda.
final class Commands {
    private static final Logger LOG = LoggerFactory.getLogger(Commands.class);

    /// The longest a command may be given, whatever was asked.
    private static final Duration TIMEOUT_MAX = Duration.ofHours(1);

    private final boolean root;
    private final int uid;
    private final AtomicLong tokens = new AtomicLong();
    private final Map<Long, Running> running = new ConcurrentHashMap<>();
    private final ScheduledExecutorService alarms =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("command alarm").daemon(true).factory());

    /// A command that runs.
    private static final class Running {
        private final int pid;
        private volatile boolean timedOut;

        private Running(int pid) {
            this.pid = pid;
        }
    }

    /// @param root whether we may become other users
    /// @param uid our own user id
    Commands(boolean root, int uid) {
        this.root = root;
        this.uid = uid;
    }

    /// Starts a command and answers with the writing end of its standard input.
    void run(
            LinkPeer<ParentToChild, ChildToParent> asker,
            long request,
            ChildToParent.RunCommand it) {
        String refusal = refusal(it.user());
        if (!refusal.isEmpty()) {
            asker.answer(request, new ParentToChild.CommandRefused(refusal));
            return;
        }
        try {
            Descriptors.Pipe input = Descriptors.Pipe.open();
            Descriptors.Pipe output = Descriptors.Pipe.open();
            try {
                start(asker, request, it, input, output);
            } catch (SysException e) {
                Descriptors.close(output.read());
                throw e;
            } finally {
                Descriptors.close(input.read());
                Descriptors.close(input.write());
                Descriptors.close(output.write());
            }
        } catch (SysException e) {
            LOG.warn("warn: delivery command: {}", e.getMessage());
            asker.answer(request, new ParentToChild.CommandRefused(String.valueOf(e.getMessage())));
        }
    }

    /// A command never runs as root, and without root only as ourselves.
    private String refusal(UserRecord user) {
        if (user.uid() == 0 && root) {
            return "commands do not run as root";
        }
        return root || user.uid() == uid ? "" : "not running as root: cannot become " + user.name();
    }

    private void start(
            LinkPeer<ParentToChild, ChildToParent> asker,
            long request,
            ChildToParent.RunCommand it,
            Descriptors.Pipe input,
            Descriptors.Pipe output)
            throws SysException {
        Spawn.Request spawn =
                new Spawn.Request(
                        "/bin/sh",
                        List.of("sh", "-c", it.command()),
                        it.environment(),
                        List.of(input.read(), output.write(), output.write()),
                        workingDirectory(it.user()));
        int pid = root ? Spawn.asUser(spawn, identity(it.user())) : Spawn.start(spawn);
        long token = tokens.incrementAndGet();
        Running command = new Running(pid);
        running.put(token, command);
        ScheduledFuture<?> alarm =
                alarms.schedule(
                        Fatal.guarded(() -> timeOut(command)),
                        Math.min(it.timeout().toMillis(), TIMEOUT_MAX.toMillis()),
                        TimeUnit.MILLISECONDS);
        asker.answerWithFd(request, new ParentToChild.CommandStarted(token), input.write());
        Thread.ofPlatform()
                .name("command " + pid)
                .daemon(true)
                .start(() -> watch(asker, token, command, output.read(), alarm));
    }

    private static Identity identity(UserRecord user) throws SysException {
        SystemUser known =
                new SystemUser(user.name(), user.uid(), user.gid(), user.home(), "/bin/sh");
        return Users.identity(known);
    }

    private static String workingDirectory(UserRecord user) {
        return java.nio.file.Files.isDirectory(java.nio.file.Path.of(user.home()))
                ? user.home()
                : "/";
    }

    private static void timeOut(Running command) {
        command.timedOut = true;
        killGroup(command.pid);
    }

    /// Reads what the command prints, waits for its end, and reports it.
    private void watch(
            LinkPeer<ParentToChild, ChildToParent> asker,
            long token,
            Running command,
            int output,
            ScheduledFuture<?> alarm) {
        CommandOutput printed = new CommandOutput(output, "command output " + command.pid);
        ExitStatus status = waitFor(command.pid);
        boolean stopped = alarm.cancel(false);
        LOG.debug("debug: command {} ended, alarm stopped: {}", command.pid, stopped);
        running.remove(token);
        killGroup(command.pid);
        int exit = status instanceof ExitStatus.Exited(int code) ? code : -1;
        int signal = status instanceof ExitStatus.Signaled(int number) ? number : 0;
        asker.send(
                new ParentToChild.CommandExited(
                        token, exit, signal, command.timedOut, printed.end()));
    }

    private static ExitStatus waitFor(int pid) {
        try {
            return Spawn.waitFor(pid);
        } catch (SysException e) {
            throw new IllegalStateException("waiting for command " + pid, e);
        }
    }

    private static void killGroup(int pid) {
        try {
            Spawn.killGroup(pid, Spawn.SIGKILL);
        } catch (SysException e) {
            LOG.debug("debug: killing command {}: {}", pid, e.getMessage());
        }
    }

    /// Ends a command and all it started.
    void kill(long token) {
        Running command = running.get(token);
        if (command != null) {
            killGroup(command.pid);
        }
    }

    /// Ends every command.
    void killAll() {
        running.values().forEach(command -> killGroup(command.pid));
    }
}
