package smtpd.parent;

import org.jspecify.annotations.Nullable;

import smtpd.core.conf.Config;
import smtpd.core.imsg.ChildToParent;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.proc.LinkPeer;
import smtpd.core.sys.Identity;
import smtpd.core.sys.Spawn;
import smtpd.core.sys.SysException;
import smtpd.core.sys.SystemUser;
import smtpd.core.sys.Users;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Runs filter programs and hands lka the other end of their standard input and output. What runs
/// is what the configuration says and nothing lka could name.
///
/// A command is run by the shell; one that does not begin with a slash is looked for where programs
/// of ours are (OpenSMTPD: the same).
final class FilterPrograms {
    /// Tells a program that it may ask DNS through us.
    private static final String OFFER = "SMTPD_FILTER_DNS=1";

    private static final List<String> ENVIRONMENT =
            List.of("PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG=C.UTF-8", OFFER);

    private static final String SHELL = "/bin/sh";

    private final Map<String, Config.Proc> procs;
    private final List<Path> folders;
    private final @Nullable Identity user;
    private final SocketPrograms programs = new SocketPrograms("filter", "");

    /// @param procs of the configuration
    /// @param folders where programs are looked for, in this order
    /// @param user as whom they run unless configured; null when we are not root
    FilterPrograms(Map<String, Config.Proc> procs, List<Path> folders, @Nullable Identity user) {
        this.procs = Map.copyOf(procs);
        this.folders = List.copyOf(folders);
        this.user = user;
    }

    /// Starts a program and answers with its socket. One that still runs is ended.
    void start(LinkPeer<ParentToChild, ChildToParent> asker, long request, String name) {
        Config.Proc proc = procs.get(name);
        if (proc == null) {
            asker.answer(request, new ParentToChild.FilterRefused("there is no such program"));
            return;
        }
        try {
            programs.start(
                    shown(name),
                    fds -> spawn(proc, fds),
                    fd -> asker.answerWithFd(request, new ParentToChild.FilterStarted(), fd));
        } catch (SysException e) {
            asker.answer(request, new ParentToChild.FilterRefused(String.valueOf(e.getMessage())));
        } catch (IllegalArgumentException e) {
            asker.answer(request, new ParentToChild.FilterRefused(String.valueOf(e.getMessage())));
        }
    }

    private int spawn(Config.Proc proc, List<Integer> fds) throws SysException {
        Spawn.Request request =
                new Spawn.Request(
                        SHELL,
                        List.of("sh", "-c", "exec " + command(proc.command(), folders)),
                        ENVIRONMENT,
                        fds,
                        "/");
        if (user == null) {
            return startAsOurselves(proc, request);
        }
        Identity identity = identity(proc, user);
        return proc.chroot().isEmpty()
                ? Spawn.asUser(request, identity)
                : Spawn.asUser(request, identity, proc.chroot());
    }

    private static int startAsOurselves(Config.Proc proc, Spawn.Request request)
            throws SysException {
        if (!proc.chroot().isEmpty()) {
            throw new IllegalArgumentException("chroot needs root");
        }
        return Spawn.start(request);
    }

    /// The name as logs have it.
    private static String shown(String name) {
        return name.startsWith("<filter ") && name.endsWith(">")
                ? name.substring("<filter ".length(), name.length() - 1)
                : name;
    }

    /// The command with its program's path; the first folder when it is in none of them, so that
    /// the shell names what is missing.
    static String command(String command, List<Path> folders) {
        if (command.startsWith("/") || folders.isEmpty()) {
            return command;
        }
        String program = command.split("\\s", 2)[0];
        return folders.stream()
                        .filter(folder -> Files.isExecutable(folder.resolve(program)))
                        .findFirst()
                        .orElse(folders.getFirst())
                + "/"
                + command;
    }

    /// As whom a program runs.
    private static Identity identity(Config.Proc proc, Identity usual) throws SysException {
        Identity base = proc.user().isEmpty() ? usual : ofUser(proc.user());
        if (proc.group().isEmpty()) {
            return base;
        }
        int gid =
                Users.group(proc.group())
                        .orElseThrow(
                                () -> new IllegalArgumentException("no group " + proc.group()));
        return Identity.of(base.uid(), gid);
    }

    private static Identity ofUser(String name) throws SysException {
        SystemUser user =
                Users.byName(name)
                        .orElseThrow(() -> new IllegalArgumentException("no user " + name));
        return Identity.of(user.uid(), user.gid());
    }

    /// Ends a program and all it started, if it runs.
    void end(String name) {
        programs.end(shown(name));
    }

    /// The daemon stops: ends every program and starts no more.
    void stop() {
        programs.stop();
    }

    /// Ends every program.
    void endAll() {
        programs.endAll();
    }
}
