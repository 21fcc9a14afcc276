package smtpd.core.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// The ids of this process and of single threads of it.
public final class Credentials {
    private static final long UNCHANGED = -1;
    private static final int PR_SET_DUMPABLE = 4;

    private Credentials() {}

    public static int uid() {
        return (int) Native.quiet(Sys.GETUID);
    }

    public static int effectiveUid() {
        return (int) Native.quiet(Sys.GETEUID);
    }

    public static int gid() {
        return (int) Native.quiet(Sys.GETGID);
    }

    public static int effectiveGid() {
        return (int) Native.quiet(Sys.GETEGID);
    }

    /// The supplementary groups of the calling thread.
    public static List<Integer> groups() throws SysException {
        try (Arena arena = Arena.ofConfined()) {
            long room = Native.call("getgroups", Sys.GETGROUPS, 0, 0);
            MemorySegment groups = arena.allocate(ValueLayout.JAVA_INT, Math.max(1, room));
            long count = Native.call("getgroups", Sys.GETGROUPS, room, groups.address());
            List<Integer> ids = new ArrayList<>();
            for (long i = 0; i < count; i++) {
                ids.add(groups.getAtIndex(ValueLayout.JAVA_INT, i));
            }
            return List.copyOf(ids);
        }
    }

    /// Sets the file mode mask of the process.
    ///
    /// @return the mask before
    public static int umask(int mask) {
        return (int) Native.quiet(Sys.UMASK, mask);
    }

    /// Whether others of our user may trace this process and read its memory; a process with
    /// secrets says no.
    public static void dumpable(boolean allowed) throws SysException {
        Native.call("prctl DUMPABLE", Sys.PRCTL, PR_SET_DUMPABLE, allowed ? 1 : 0);
    }

    /// Makes the calling thread, and no other, a user: files it makes belong to that user, and it
    /// may open what the user may. Closing the result makes it again who it was.
    ///
    /// Needs root, or `Capability.SETUID` and `Capability.SETGID`. The thread must be a platform
    /// thread, must not start other threads meanwhile, and is best kept for this alone.
    ///
    /// @throws SysException if the kernel refuses; the thread is then as it was
    public static Assumed assume(Identity user) throws SysException {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("a virtual thread has no ids of its own");
        }
        Assumed assumed = new Assumed();
        boolean done = false;
        try {
            setGroups(user.groups());
            setGid(user.gid());
            setUid(user.uid());
            done = true;
            return assumed;
        } finally {
            if (!done) {
                assumed.close();
            }
        }
    }

    /// A thread that is another user for a while.
    public static final class Assumed implements AutoCloseable {
        private final Thread thread = Thread.currentThread();
        private final int uid = effectiveUid();
        private final int gid = effectiveGid();
        private final List<Integer> groups;

        private Assumed() throws SysException {
            groups = Credentials.groups();
        }

        /// Takes the former ids back.
        ///
        /// @throws IllegalStateException if that is refused or another thread asks: a thread with
        ///   the wrong ids must not go on, the process has to end
        @Override
        public void close() {
            if (Thread.currentThread() != thread) {
                throw new IllegalStateException("not the thread that took the ids on");
            }
            try {
                // the user first: as root without capabilities of its own this brings them back
                setUid(uid);
                setGid(gid);
                setGroups(groups);
            } catch (SysException e) {
                throw new IllegalStateException("cannot take the former ids back", e);
            }
        }
    }

    private static void setUid(int uid) throws SysException {
        Native.call("setresuid " + uid, Sys.SETRESUID, UNCHANGED, uid, UNCHANGED);
    }

    private static void setGid(int gid) throws SysException {
        Native.call("setresgid " + gid, Sys.SETRESGID, UNCHANGED, gid, UNCHANGED);
    }

    private static void setGroups(List<Integer> groups) throws SysException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ids = arena.allocate(ValueLayout.JAVA_INT, Math.max(1, groups.size()));
            for (int i = 0; i < groups.size(); i++) {
                ids.setAtIndex(ValueLayout.JAVA_INT, i, groups.get(i));
            }
            Native.call("setgroups", Sys.SETGROUPS, groups.size(), ids.address());
        }
    }
}
