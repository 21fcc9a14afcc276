package smtpd.core.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;

/// Messages to one Unix datagram socket: the system log, the service manager. Sending never waits;
/// what cannot be sent at once is dropped and counted.
///
/// The socket is not connected: each message names its receiver, so a log service that was
/// restarted gets the next one without anybody noticing. One thread at a time sends.
public final class UnixDatagrams implements AutoCloseable {
    /// Longest message; longer ones are cut. Log services take at least this.
    public static final int MAX_BYTES = 8192;

    private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment state = arena.allocate(Native.STATE);
    private final MemorySegment text = arena.allocate(MAX_BYTES);
    private final MemorySegment address;
    private final int fd;
    private final AtomicLong dropped = new AtomicLong();
    private boolean open = true;

    private UnixDatagrams(String path) throws SysException {
        address = SocketAddresses.unix(arena, path);
        fd =
                (int)
                        Native.call(
                                "socket",
                                Sys.SOCKET,
                                SocketAddresses.AF_UNIX,
                                SOCK_DGRAM_CLOEXEC,
                                0);
    }

    /// A sender to the socket at a path; `@name` means the abstract socket of that name. Whether
    /// anybody listens there shows when sending.
    public static UnixDatagrams to(String path) throws SysException {
        return new UnixDatagrams(path);
    }

    /// The system log.
    public static UnixDatagrams syslog() throws SysException {
        return to("/dev/log");
    }

    /// Tells the service manager something, if there is one (`sd_notify(3)`).
    ///
    /// @param notifySocket the value of `NOTIFY_SOCKET`, empty if it is not set
    /// @param state lines such as `READY=1`
    /// @return whether it was sent
    public static boolean notify(String notifySocket, String state) throws SysException {
        if (notifySocket.isEmpty()) {
            return false;
        }
        try (UnixDatagrams manager = to(notifySocket)) {
            return manager.send(state.getBytes(StandardCharsets.UTF_8));
        }
    }

    /// Sends a message.
    ///
    /// @return false if it was dropped: nobody listens, or the receiver is full
    public synchronized boolean send(byte[] message) {
        int length = Math.min(message.length, MAX_BYTES);
        long sent = -Errno.EBADF;
        if (open) {
            MemorySegment.copy(message, 0, text, ValueLayout.JAVA_BYTE, 0, length);
            do {
                sent =
                        Native.raw(
                                state,
                                Sys.SENDTO,
                                fd,
                                text.address(),
                                length,
                                MSG_DONTWAIT | MSG_NOSIGNAL,
                                address.address(),
                                address.byteSize());
            } while (sent == -Errno.EINTR);
        }
        if (sent < 0) {
            dropped.incrementAndGet();
        }
        return sent >= 0;
    }

    /// Messages dropped so far.
    public long dropped() {
        return dropped.get();
    }

    @Override
    public synchronized void close() {
        if (open) {
            open = false;
            Descriptors.close(fd);
            arena.close();
        }
    }
}
