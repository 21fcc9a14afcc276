package smtpd.core.sys;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.StandardProtocolFamily;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.util.List;
import java.util.Set;
import java.util.TimeZone;

/// A process's promise to make only certain system calls from now on, on all its threads, for good.
///
/// It comes right after start-up, when all sockets and channels are open: see `preload`. It can be
/// made by any user, and what Landlock and the user id refuse stays refused.
public final class Pledge {
    private static final int PR_SET_NO_NEW_PRIVS = 38;

    private final Set<Permission> permissions;

    private Pledge(Set<Permission> permissions) {
        this.permissions = Set.copyOf(permissions);
    }

    /// What happens to a call that was not promised.
    public enum Mode {
        /// It fails.
        ERRNO,
        /// A call that is never an accident ends the process with `SIGSYS`; others fail.
        KILL,
        /// It succeeds, and the kernel's audit log names it: for finding what a process needs.
        LOG
    }

    /// What was granted.
    ///
    /// @param landlockAbi version of Landlock in the kernel, 0 for none
    /// @param seccomp whether the filter now stands on every thread of the process
    public record Report(int landlockAbi, boolean seccomp) {}

    /// A promise to make the calls every JVM makes, and those of the permissions.
    public static Pledge of(Set<Permission> permissions) {
        return new Pledge(permissions);
    }

    /// Loads the parts of the JDK that make a socket when they are first used, and would be broken
    /// for good if that were refused.
    public static void preload() throws IOException {
        SocketChannel.open(StandardProtocolFamily.UNIX).close();
        Selector.open().close();
        new SecureRandom().nextBytes(new byte[1]);
        TimeZone.getDefault();
    }

    /// Makes the promise. A kernel that filters no calls is reported, not an error.
    ///
    /// @throws SysException if the kernel filters calls but refuses this filter
    public Report apply(Mode mode) throws SysException {
        Layers layers = Layers.probe();
        if (!layers.seccomp()) {
            return new Report(layers.landlockAbi(), false);
        }
        int pid = (int) Native.call("getpid", Sys.GETPID);
        List<Bpf.Op> filter = Seccomp.running(Sys.X86_64, permissions, mode, pid);
        try (Arena arena = Arena.ofConfined()) {
            long program = Seccomp.program(arena, filter).address();
            Native.call("prctl NO_NEW_PRIVS", Sys.PRCTL, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            long stranger =
                    Native.call(
                            "seccomp",
                            Sys.SECCOMP,
                            Seccomp.SET_MODE_FILTER,
                            Seccomp.TSYNC,
                            program);
            // a positive answer is the thread that could not take the filter on
            Native.check("seccomp", stranger == 0 ? 0 : -Errno.EPERM);
        }
        return new Report(layers.landlockAbi(), true);
    }
}
