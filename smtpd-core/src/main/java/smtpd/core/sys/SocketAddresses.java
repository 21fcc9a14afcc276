package smtpd.core.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;

/// Socket addresses as the kernel writes them (`struct sockaddr`).
final class SocketAddresses {
    static final int AF_UNIX = 1;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;

    /// Room for any address: `struct sockaddr_storage`.
    private static final int STORAGE_BYTES = 128;

    /// `sun_path` begins here.
    private static final int PATH = 2;

    /// Longest path or abstract name, one byte kept for the end.
    private static final int PATH_BYTES = 107;

    private SocketAddresses() {}

    /// What kind of socket a descriptor is.
    static ProtocolFamily family(int fd) throws SysException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = ask(arena, "getsockname", Sys.GETSOCKNAME, fd);
            int family = address.get(ValueLayout.JAVA_SHORT, 0);
            return switch (family) {
                case AF_UNIX -> StandardProtocolFamily.UNIX;
                case AF_INET -> StandardProtocolFamily.INET;
                case AF_INET6 -> StandardProtocolFamily.INET6;
                default -> throw new SysException("getsockname", Errno.EAFNOSUPPORT);
            };
        }
    }

    /// Where a connected socket leads; an unnamed Unix socket has the empty path.
    static SocketAddress peer(int fd) throws SysException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = ask(arena, "getpeername", Sys.GETPEERNAME, fd);
            return switch (address.get(ValueLayout.JAVA_SHORT, 0)) {
                case AF_INET -> internet(address, 4, 4);
                case AF_INET6 -> internet(address, 8, 16);
                default -> UnixDomainSocketAddress.of(path(address));
            };
        }
    }

    private static MemorySegment ask(Arena arena, String what, int nr, int fd) throws SysException {
        MemorySegment address = arena.allocate(STORAGE_BYTES, Long.BYTES);
        MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, STORAGE_BYTES);
        Native.call(what, nr, fd, address.address(), length.address());
        int used = Math.min(length.get(ValueLayout.JAVA_INT, 0), STORAGE_BYTES);
        return address.asSlice(0, Math.max(used, PATH));
    }

    private static InetSocketAddress internet(MemorySegment address, int from, int length) {
        int high = Byte.toUnsignedInt(address.get(ValueLayout.JAVA_BYTE, 2));
        int low = Byte.toUnsignedInt(address.get(ValueLayout.JAVA_BYTE, 3));
        byte[] bytes = address.asSlice(from, length).toArray(ValueLayout.JAVA_BYTE);
        try {
            return new InetSocketAddress(InetAddress.getByAddress(bytes), high << 8 | low);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String path(MemorySegment address) {
        if (address.byteSize() <= PATH || address.get(ValueLayout.JAVA_BYTE, PATH) == 0) {
            return "";
        }
        byte[] bytes = address.asSlice(PATH).toArray(ValueLayout.JAVA_BYTE);
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }

    /// A Unix address; a leading `@` means the abstract name space.
    ///
    /// @throws SysException `EINVAL` if it does not fit in an address
    static MemorySegment unix(Arena arena, String path) throws SysException {
        byte[] name = path.getBytes(StandardCharsets.UTF_8);
        if (name.length == 0 || name.length > PATH_BYTES) {
            throw new SysException("unix address " + path, Errno.EINVAL);
        }
        boolean named = name[0] == '@';
        MemorySegment address = arena.allocate(PATH + name.length + (named ? 0L : 1L), Long.BYTES);
        address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
        MemorySegment.copy(name, 0, address, ValueLayout.JAVA_BYTE, PATH, name.length);
        if (named) {
            address.set(ValueLayout.JAVA_BYTE, PATH, (byte) 0);
        }
        return address;
    }
}
