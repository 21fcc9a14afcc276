package smtpd.core.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/// The machine, and the little about files that `java.nio.file` cannot do.
public final class Host {
    private static final int UTSNAME_FIELD = 65;
    private static final int UTSNAME_BYTES = 6 * UTSNAME_FIELD;
    private static final int AT_FDCWD = -100;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;

    private Host() {}

    /// The host name as the kernel has it; it may lack a domain.
    public static String name() throws SysException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment utsname = arena.allocate(UTSNAME_BYTES);
            Native.call("uname", Sys.UNAME, utsname.address());
            return utsname.getString(UTSNAME_FIELD);
        }
    }

    /// Gives a path to a user, without following a symbolic link; needs root.
    public static void chown(Path path, int uid, int gid) throws SysException {
        try (Arena arena = Arena.ofConfined()) {
            long name = arena.allocateFrom(path.toString()).address();
            Native.call(
                    "chown " + path, Sys.FCHOWNAT, AT_FDCWD, name, uid, gid, AT_SYMLINK_NOFOLLOW);
        }
    }
}
