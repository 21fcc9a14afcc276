package smtpd.core.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The system's user database, through libc and so through whatever `nsswitch.conf` names.
public final class Users {
    /// `struct passwd` of glibc and musl on LP64.
    private static final int PASSWD_BYTES = 48;

    private static final int PW_UID = 16;
    private static final int PW_GID = 20;
    private static final int PW_DIR = 32;
    private static final int PW_SHELL = 40;

    /// `struct group` of glibc and musl on LP64.
    private static final int GROUP_BYTES = 32;

    private static final int GR_GID = 16;

    /// Room for the strings of an entry, doubled as long as libc asks for more.
    private static final int FIRST_ROOM = 1024;

    private static final int MOST_ROOM = 1 << 20;

    /// Groups asked for at first; Linux allows a user 65536.
    private static final int FIRST_GROUPS = 64;

    private static final int MOST_GROUPS = 65536;

    /// Errors by which libraries say that there is no such user, besides saying so properly.
    private static final List<Integer> NOBODY =
            List.of(Errno.ENOENT, Errno.ESRCH, Errno.EBADF, Errno.EPERM);

    private static final MethodHandle BY_NAME = function("getpwnam_r", 5);
    private static final MethodHandle BY_UID = function("getpwuid_r", 5);
    private static final MethodHandle GROUP_BY_NAME = function("getgrnam_r", 5);
    private static final MethodHandle GROUPS = function("getgrouplist", 4);

    private Users() {}

    private static MethodHandle function(String name, int words) {
        return Native.function(name, words)
                .orElseThrow(() -> new UnsupportedOperationException("libc has no " + name));
    }

    /// The user of a name.
    ///
    /// @return empty if there is none; that is certain
    /// @throws SysException if the database could not be asked now
    public static Optional<SystemUser> byName(String name) throws SysException {
        if (name.indexOf('\0') >= 0) {
            return Optional.empty();
        }
        try (Arena arena = Arena.ofConfined()) {
            return ask(arena, "getpwnam_r", BY_NAME, arena.allocateFrom(name).address());
        }
    }

    /// The user of an id.
    ///
    /// @return empty if there is none; that is certain
    /// @throws SysException if the database could not be asked now
    public static Optional<SystemUser> byUid(int uid) throws SysException {
        try (Arena arena = Arena.ofConfined()) {
            return ask(arena, "getpwuid_r", BY_UID, uid);
        }
    }

    private static Optional<SystemUser> ask(
            Arena arena, String what, MethodHandle function, long key) throws SysException {
        MemorySegment entry = arena.allocate(PASSWD_BYTES, Long.BYTES);
        MemorySegment found = arena.allocate(ValueLayout.JAVA_LONG);
        for (int room = FIRST_ROOM; ; room *= 2) {
            MemorySegment strings = arena.allocate(room);
            int error =
                    look(function, key, entry.address(), strings.address(), room, found.address());
            if (error == Errno.ERANGE && room < MOST_ROOM) {
                continue;
            }
            if (error != 0 && !NOBODY.contains(error)) {
                throw new SysException(what, error);
            }
            boolean nobody = error != 0 || found.get(ValueLayout.JAVA_LONG, 0) == 0;
            return nobody ? Optional.empty() : Optional.of(user(entry, strings));
        }
    }

    private static int look(
            MethodHandle function, long key, long entry, long strings, long room, long found) {
        try {
            return (int) (long) function.invokeExact(key, entry, strings, room, found);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    private static SystemUser user(MemorySegment entry, MemorySegment strings) {
        return new SystemUser(
                string(entry, 0, strings),
                entry.get(ValueLayout.JAVA_INT, PW_UID),
                entry.get(ValueLayout.JAVA_INT, PW_GID),
                string(entry, PW_DIR, strings),
                string(entry, PW_SHELL, strings));
    }

    /// The string a pointer of the entry leads to, which lies in the memory we gave.
    private static String string(MemorySegment entry, int pointer, MemorySegment strings) {
        long at = entry.get(ValueLayout.JAVA_LONG, pointer) - strings.address();
        boolean inside = at >= 0 && at < strings.byteSize();
        return inside ? strings.getString(at) : "";
    }

    /// The id of the group of a name.
    ///
    /// @return empty if there is none; that is certain
    /// @throws SysException if the database could not be asked now
    public static Optional<Integer> group(String name) throws SysException {
        if (name.indexOf('\0') >= 0) {
            return Optional.empty();
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment entry = arena.allocate(GROUP_BYTES, Long.BYTES);
            MemorySegment found = arena.allocate(ValueLayout.JAVA_LONG);
            long key = arena.allocateFrom(name).address();
            for (int room = FIRST_ROOM; ; room *= 4) {
                long strings = arena.allocate(room).address();
                int error =
                        look(GROUP_BY_NAME, key, entry.address(), strings, room, found.address());
                if (error == Errno.ERANGE && room < MOST_ROOM) {
                    continue;
                }
                if (error != 0 && !NOBODY.contains(error)) {
                    throw new SysException("getgrnam_r", error);
                }
                boolean nobody = error != 0 || found.get(ValueLayout.JAVA_LONG, 0) == 0;
                return nobody
                        ? Optional.empty()
                        : Optional.of(entry.get(ValueLayout.JAVA_INT, GR_GID));
            }
        }
    }

    /// The groups of a user: its own first, then those it is a member of.
    public static List<Integer> groups(SystemUser user) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(user.name());
            MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
            for (int room = FIRST_GROUPS; ; room *= 4) {
                MemorySegment groups = arena.allocate(ValueLayout.JAVA_INT, room);
                count.set(ValueLayout.JAVA_INT, 0, room);
                boolean all = list(name, user.gid(), groups, count) >= 0;
                if (all || room >= MOST_GROUPS) {
                    int known = Math.min(room, count.get(ValueLayout.JAVA_INT, 0));
                    List<Integer> ids = new ArrayList<>();
                    for (int i = 0; i < known; i++) {
                        ids.add(groups.getAtIndex(ValueLayout.JAVA_INT, i));
                    }
                    return List.copyOf(ids);
                }
            }
        }
    }

    private static int list(
            MemorySegment name, int gid, MemorySegment groups, MemorySegment count) {
        try {
            return (int)
                    (long)
                            GROUPS.invokeExact(
                                    name.address(), (long) gid, groups.address(), count.address());
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    /// The ids a program of this user runs under.
    public static Identity identity(SystemUser user) {
        return new Identity(user.uid(), user.gid(), groups(user));
    }
}
