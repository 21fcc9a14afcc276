package smtpd.core.sys;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;

/// Starts programs: with chosen descriptors and nothing else of ours, as another user, or inside
/// the sandbox before their first instruction.
///
/// Every program is started by a platform thread made for it alone. That thread takes the rights
/// away from itself by raw system calls, which act on the calling thread only, calls `posix_spawn`
/// (a child inherits the rights of the thread that makes it) and ends. The other threads of this
/// process keep their rights.
public final class Spawn {
    public static final int SIGHUP = 1;
    public static final int SIGINT = 2;
    public static final int SIGKILL = 9;
    public static final int SIGTERM = 15;

    private Spawn() {}

    /// What to start.
    ///
    /// @param path the program, absolute
    /// @param argv its arguments, the first being its own name
    /// @param env its whole environment, `NAME=value`
    /// @param fds our descriptors that become its descriptors 0, 1, 2, …; it gets no other. They
    ///   stay ours, and ours to close
    /// @param directory its working directory, entered with the rights it runs under; null is ours
    public record Request(
            String path,
            List<String> argv,
            List<String> env,
            List<Integer> fds,
            @Nullable String directory) {
        public Request {
            argv = List.copyOf(argv);
            env = List.copyOf(env);
            fds = List.copyOf(fds);
        }

        public Request(String path, List<String> argv, List<String> env, List<Integer> fds) {
            this(path, argv, env, fds, null);
        }
    }

    /// Starts a program with the rights of this process, in a session of its own.
    ///
    /// @return its process id, to be given to `waitFor` once
    /// @throws SysException when it could not be started, `ENOENT` for no such program
    public static int start(Request request) throws SysException {
        try (Arena arena = Arena.ofShared()) {
            return run(arena, request, DropPlan.none(arena));
        }
    }

    /// Starts a program as a user: its ids, its groups, no capability unless it is root, file mode
    /// mask 077, in a session of its own (so that `killGroup` of its pid reaches all it starts).
    /// Set-user-id programs keep working for it.
    ///
    /// @throws SysException as `start`; `EPERM` when this process may not become that user
    public static int asUser(Request request, Identity user) throws SysException {
        try (Arena arena = Arena.ofShared()) {
            return run(arena, request, DropPlan.user(arena, user));
        }
    }

    /// As [#asUser(Request, Identity)], with a directory as the root of its files: the program, its
    /// working directory and everything it opens are looked for there.
    ///
    /// @throws SysException as `start`; `EPERM` when this process may not do that
    public static int asUser(Request request, Identity user, String root) throws SysException {
        try (Arena arena = Arena.ofShared()) {
            return run(arena, request, DropPlan.jailed(arena, user, root));
        }
    }

    /// Starts a program inside its sandbox: every wall stands before its first instruction.
    ///
    /// @param user the ids it runs under; null for ours, when we are not root
    /// @param sandbox what it may do
    /// @param layers what the kernel grants, from `Layers.probe`; a missing layer is left out
    /// @return its process id
    /// @throws SysException as `start`, or the layer that the kernel refused after all
    public static int sandboxed(
            Request request, @Nullable Identity user, Sandbox sandbox, Layers layers)
            throws SysException {
        Optional<Landlock.Ruleset> rules = Landlock.rules(sandbox, layers.landlockAbi());
        try (Arena arena = Arena.ofShared()) {
            Identity taken = layers.uid() ? user : null;
            return run(
                    arena,
                    request,
                    DropPlan.sandbox(arena, taken, sandbox, rules, layers.seccomp()));
        } finally {
            rules.ifPresent(Landlock.Ruleset::close);
        }
    }

    static int run(Arena arena, Request request, DropPlan plan) throws SysException {
        try (PreparedSpawn prepared = PreparedSpawn.of(arena, request)) {
            return new SpawnThread(arena, plan, prepared).runAndJoin();
        }
    }

    /// Waits for a child to end and forgets it. Blocks the calling platform thread.
    ///
    /// @throws SysException `ECHILD` if it is not our child, or was waited for before
    public static ExitStatus waitFor(int pid) throws SysException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = arena.allocate(ValueLayout.JAVA_INT);
            Native.call("wait4", Sys.WAIT4, pid, status.address());
            return ExitStatus.of(status.get(ValueLayout.JAVA_INT, 0));
        }
    }

    /// Sends a signal to a process that has not been waited for.
    ///
    /// @return false if it no longer exists
    /// @throws SysException `EPERM` if we may not
    public static boolean kill(int pid, int signal) throws SysException {
        if (pid <= 0) {
            throw new IllegalArgumentException("not a process id: " + pid);
        }
        return send(pid, signal);
    }

    /// Sends a signal to every process of a group; a program we start leads the group of its pid.
    ///
    /// @return false if the group is empty
    /// @throws SysException `EPERM` if we may not
    public static boolean killGroup(int pgid, int signal) throws SysException {
        if (pgid <= 1) {
            throw new IllegalArgumentException("not a process group: " + pgid);
        }
        return send(-pgid, signal);
    }

    private static boolean send(int target, int signal) throws SysException {
        long result = Native.quiet(Sys.KILL, target, signal);
        return result != -Errno.ESRCH && Native.check("kill " + target, result) == 0;
    }
}
