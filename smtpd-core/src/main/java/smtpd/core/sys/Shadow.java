package smtpd.core.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// The system's password database (shadow(5)), through libc and so through whatever `nsswitch.conf`
/// names. Only root may read it.
public final class Shadow {
    /// `struct spwd` of glibc and musl on LP64.
    private static final int SPWD_BYTES = 72;

    private static final int SP_PWDP = 8;
    private static final int SP_EXPIRE = 56;

    /// Room for the strings of an entry, doubled as long as libc asks for more.
    private static final int FIRST_ROOM = 1024;

    private static final int MOST_ROOM = 1 << 20;

    private static final Optional<MethodHandle> BY_NAME = Native.function("getspnam_r", 5);

    private Shadow() {}

    /// The entry of a user.
    ///
    /// @return empty if there is none; that is certain
    /// @throws SysException if the database could not be asked now, or not by this process
    public static Optional<ShadowEntry> byName(String name) throws SysException {
        MethodHandle function =
                BY_NAME.orElseThrow(() -> new SysException("getspnam_r", Errno.ENOSYS));
        if (Credentials.uid() != 0) {
            // libc would say "no such user" where the file cannot be read
            throw new SysException("getspnam_r", Errno.EACCES);
        }
        if (name.indexOf('\0') >= 0) {
            return Optional.empty();
        }
        try (Arena arena = Arena.ofConfined()) {
            return ask(arena, function, arena.allocateFrom(name).address());
        }
    }

    private static Optional<ShadowEntry> ask(Arena arena, MethodHandle function, long name)
            throws SysException {
        MemorySegment entry = arena.allocate(SPWD_BYTES, Long.BYTES);
        MemorySegment found = arena.allocate(ValueLayout.JAVA_LONG);
        for (int room = FIRST_ROOM; ; room *= 2) {
            MemorySegment strings = arena.allocate(room);
            int error = look(function, name, entry, strings, found);
            if (error == Errno.ERANGE && room < MOST_ROOM) {
                continue;
            }
            if (error != 0 && error != Errno.ENOENT) {
                throw new SysException("getspnam_r", error);
            }
            boolean nobody = error != 0 || found.get(ValueLayout.JAVA_LONG, 0) == 0;
            return nobody ? Optional.empty() : Optional.of(read(entry, strings));
        }
    }

    private static int look(
            MethodHandle function,
            long name,
            MemorySegment entry,
            MemorySegment strings,
            MemorySegment found) {
        try {
            return (int)
                    (long)
                            function.invokeExact(
                                    name,
                                    entry.address(),
                                    strings.address(),
                                    strings.byteSize(),
                                    found.address());
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    private static ShadowEntry read(MemorySegment entry, MemorySegment strings) {
        long at = entry.get(ValueLayout.JAVA_LONG, SP_PWDP) - strings.address();
        boolean inside = at >= 0 && at < strings.byteSize();
        String hash = inside ? strings.getString(at) : "";
        strings.fill((byte) 0);
        return new ShadowEntry(hash, entry.get(ValueLayout.JAVA_LONG, SP_EXPIRE));
    }
}
