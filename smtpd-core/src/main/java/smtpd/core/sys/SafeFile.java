package smtpd.core.sys;

import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Optional;

/// A file opened without following a symbolic link, judged by its descriptor: what was checked is
/// what is read, whoever renames things meanwhile.
public final class SafeFile implements AutoCloseable {
    private static final int AT_FDCWD = -100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int O_CLOEXEC = 0x80000;
    private static final int O_NONBLOCK = 0x800;
    private static final int O_NOFOLLOW = Sys.X86_64 ? 0x20000 : 0x8000;

    private static final int STATX_BASIC = 0x7ff;
    private static final int STATX_BYTES = 256;
    private static final int STX_NLINK = 16;
    private static final int STX_UID = 20;
    private static final int STX_GID = 24;
    private static final int STX_MODE = 28;
    private static final int STX_SIZE = 40;

    private static final int TYPE = 0xf000;
    private static final int REGULAR = 0x8000;
    private static final int DIRECTORY = 0x4000;
    private static final int PERMISSIONS = 0xfff;

    private static final int LOCK_EX_NB = 2 | 4;

    private final int fd;
    private boolean open = true;

    private SafeFile(int fd) {
        this.fd = fd;
    }

    /// What the kernel knows of a file.
    ///
    /// @param permissions the twelve mode bits
    /// @param size in bytes
    /// @param links how many names it has
    public record Status(
            boolean regular,
            boolean directory,
            int uid,
            int gid,
            int permissions,
            long size,
            int links) {
        /// Whether its group or others may write it.
        public boolean othersMayWrite() {
            return (permissions & 022) != 0;
        }
    }

    /// Opens a file to read it; never waits, not even for a named pipe.
    ///
    /// @return empty if there is none; that is certain
    /// @throws SysException `ELOOP` if it is a symbolic link, others as `open(2)`
    public static Optional<SafeFile> open(Path path) throws SysException {
        try (Arena arena = Arena.ofConfined()) {
            long name = arena.allocateFrom(path.toString()).address();
            long opened =
                    Native.quiet(Sys.OPENAT, AT_FDCWD, name, O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
            if (opened == -Errno.ENOENT || opened == -Errno.ENOTDIR) {
                return Optional.empty();
            }
            return Optional.of(new SafeFile((int) Native.check("open " + path, opened)));
        }
    }

    /// Owner, mode and size.
    public Status status() throws SysException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statx = arena.allocate(STATX_BYTES, Long.BYTES);
            Native.call(
                    "statx",
                    Sys.STATX,
                    fd,
                    arena.allocateFrom("").address(),
                    AT_EMPTY_PATH,
                    STATX_BASIC,
                    statx.address());
            int mode = Short.toUnsignedInt(statx.get(ValueLayout.JAVA_SHORT, STX_MODE));
            return new Status(
                    (mode & TYPE) == REGULAR,
                    (mode & TYPE) == DIRECTORY,
                    statx.get(ValueLayout.JAVA_INT, STX_UID),
                    statx.get(ValueLayout.JAVA_INT, STX_GID),
                    mode & PERMISSIONS,
                    statx.get(ValueLayout.JAVA_LONG, STX_SIZE),
                    statx.get(ValueLayout.JAVA_INT, STX_NLINK));
        }
    }

    /// Takes the whole-file lock (`flock`), which ends with the descriptor, without waiting.
    ///
    /// @return false if somebody else has it
    public boolean tryLock() throws SysException {
        long result = Native.quiet(Sys.FLOCK, fd, LOCK_EX_NB);
        return result != -Errno.EAGAIN && Native.check("flock", result) == 0;
    }

    /// Gives the file to a user; needs root.
    public void chown(int uid, int gid) throws SysException {
        Native.call("fchown", Sys.FCHOWN, fd, uid, gid);
    }

    /// The content from the start of the file; the stream owns a descriptor of its own.
    public InputStream content() throws SysException {
        return Descriptors.input(Descriptors.duplicate(fd, 3));
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            Descriptors.close(fd);
        }
    }
}
