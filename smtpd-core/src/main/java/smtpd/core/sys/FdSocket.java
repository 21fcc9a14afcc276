package smtpd.core.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;

/// A connected Unix stream socket that can carry file descriptors, owned by its descriptor number.
///
/// Blocking calls hold the platform thread; do not make them on virtual threads. One thread may
/// read while another writes; two writers, or two readers, take turns. Nothing is allocated per
/// call but a view of the buffer, which the compiler removes.
///
/// Lines of defence: `close` shuts the socket down first, which wakes blocked readers and writers,
/// and gives the number back only when they are out, so that a number reused by the kernel is never
/// touched by mistake.
public final class FdSocket implements AutoCloseable {
    /// Descriptors that one message may carry; more is an error of the sender.
    public static final int MAX_FDS = 8;

    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM_CLOEXEC = 1 | 0x80000;
    private static final int SHUT_RDWR = 2;

    private static final int MSG_CTRUNC = 0x8;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;

    private static final int SOL_SOCKET = 1;
    private static final int SO_PEERCRED = 17;

    private final int fd;
    private final ReentrantLock reading = new ReentrantLock();
    private final ReentrantLock writing = new ReentrantLock();
    private final Message in = new Message();
    private final Message out = new Message();
    private final PollFd poll = new PollFd();

    /// Guards `closed` against a shutdown of a number already given back.
    private final Object ownership = new Object();

    private volatile boolean closed;

    private FdSocket(int fd) {
        this.fd = fd;
    }

    /// Two sockets connected with each other, close-on-exec, that have no name anywhere.
    public static FdSocket[] pair() throws SysException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment two = arena.allocate(ValueLayout.JAVA_INT, 2);
            Native.call(
                    "socketpair", Sys.SOCKETPAIR, AF_UNIX, SOCK_STREAM_CLOEXEC, 0, two.address());
            return new FdSocket[] {
                new FdSocket(two.getAtIndex(ValueLayout.JAVA_INT, 0)),
                new FdSocket(two.getAtIndex(ValueLayout.JAVA_INT, 1))
            };
        }
    }

    /// Takes over a descriptor that is a connected Unix stream socket and makes it close-on-exec.
    ///
    /// @throws SysException if it is not open
    public static FdSocket adopt(int fd) throws SysException {
        Descriptors.setCloexec(fd, true);
        return new FdSocket(fd);
    }

    /// The descriptor number; it stays owned by this socket.
    public int fd() {
        return fd;
    }

    /// Waits for bytes and reads what is there, at most what `buf` has room for.
    ///
    /// @param buf a direct buffer; its position moves by the bytes read
    /// @param fds given each received descriptor, which it then owns; they are close-on-exec. If it
    ///   throws, the ones not yet given are closed
    /// @return bytes read, or -1 when the peer is gone
    /// @throws SysException `EMSGSIZE` if more than `MAX_FDS` descriptors came (all are closed)
    public int receive(ByteBuffer buf, IntConsumer fds) throws SysException {
        if (!buf.hasRemaining()) {
            throw new IllegalArgumentException("no room in the buffer");
        }
        reading.lock();
        try {
            if (closed) {
                return -1;
            }
            in.aim(in.address(buf), buf.remaining(), Message.CONTROL_BYTES);
            long got;
            do {
                got = Native.raw(in.state, Sys.RECVMSG, fd, in.header.address(), MSG_CMSG_CLOEXEC);
            } while (got == -Errno.EINTR);
            if (got == 0 || got == -Errno.ECONNRESET) {
                return -1;
            }
            int count = (int) Native.check("recvmsg", got);
            buf.position(buf.position() + count);
            if (in.controlLength() > 0) {
                deliver(fds);
            }
            return count;
        } finally {
            reading.unlock();
            Reference.reachabilityFence(buf);
            Reference.reachabilityFence(this);
        }
    }

    private void deliver(IntConsumer fds) throws SysException {
        int[] received = in.descriptors();
        int given = 0;
        try {
            if ((in.flags() & MSG_CTRUNC) != 0) {
                throw new SysException("recvmsg", Errno.EMSGSIZE);
            }
            while (given < received.length) {
                fds.accept(received[given++]);
            }
        } finally {
            while (given < received.length) {
                Descriptors.close(received[given++]);
            }
        }
    }

    /// Writes all that remains in a direct buffer, waiting for room as long as it takes.
    ///
    /// @throws SysException `EPIPE` when the peer is gone, `EBADF` after `close`
    public void send(ByteBuffer buf) throws SysException {
        writing.lock();
        try {
            while (buf.hasRemaining()) {
                advance(buf, Native.check("sendto", sendSome(buf, MSG_NOSIGNAL)));
            }
        } finally {
            writing.unlock();
        }
    }

    /// Writes what the socket takes at once from a direct buffer.
    ///
    /// @return bytes written; 0 if the socket is full or another thread is writing
    /// @throws SysException as `send`
    public int trySend(ByteBuffer buf) throws SysException {
        if (!buf.hasRemaining() || !writing.tryLock()) {
            return 0;
        }
        try {
            long sent = sendSome(buf, MSG_NOSIGNAL | MSG_DONTWAIT);
            return sent == -Errno.EAGAIN ? 0 : advance(buf, Native.check("sendto", sent));
        } finally {
            writing.unlock();
        }
    }

    /// Writes all that remains in a direct buffer, the descriptors travelling with its first byte.
    /// The receiver gets duplicates: the caller still owns its own.
    ///
    /// @param buf at least one byte
    /// @param fds at most `MAX_FDS`
    /// @throws SysException as `send`
    public void sendWithFds(ByteBuffer buf, int... fds) throws SysException {
        if (!buf.hasRemaining() || fds.length > MAX_FDS) {
            throw new IllegalArgumentException("needs a byte and at most " + MAX_FDS + " fds");
        }
        writing.lock();
        try {
            checkOpen("sendmsg");
            out.aim(out.address(buf), buf.remaining(), out.attach(fds));
            long sent;
            do {
                sent = Native.raw(out.state, Sys.SENDMSG, fd, out.header.address(), MSG_NOSIGNAL);
            } while (sent == -Errno.EINTR);
            advance(buf, Native.check("sendmsg", sent));
            send(buf);
        } finally {
            writing.unlock();
            Reference.reachabilityFence(buf);
            Reference.reachabilityFence(this);
        }
    }

    private long sendSome(ByteBuffer buf, int flags) throws SysException {
        checkOpen("sendto");
        try {
            long sent;
            do {
                sent =
                        Native.raw(
                                out.state,
                                Sys.SENDTO,
                                fd,
                                out.address(buf),
                                buf.remaining(),
                                flags,
                                0,
                                0);
            } while (sent == -Errno.EINTR);
            return sent;
        } finally {
            Reference.reachabilityFence(buf);
        }
    }

    private static int advance(ByteBuffer buf, long count) {
        buf.position(buf.position() + (int) count);
        return (int) count;
    }

    private void checkOpen(String what) throws SysException {
        if (closed) {
            throw new SysException(what, Errno.EBADF);
        }
    }

    /// Waits until the socket takes bytes again, or the peer is gone.
    ///
    /// @param timeoutMillis how long to wait; negative is for ever
    /// @return false when the time was up first
    public boolean awaitWritable(long timeoutMillis) throws SysException {
        writing.lock();
        try {
            checkOpen("ppoll");
            return poll.await(fd, PollFd.POLLOUT, timeoutMillis);
        } finally {
            writing.unlock();
        }
    }

    /// The process that made the other end.
    public PeerCredentials peerCredentials() throws SysException {
        checkOpen("getsockopt");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ucred = arena.allocate(ValueLayout.JAVA_INT, 3);
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, (int) ucred.byteSize());
            Native.call(
                    "getsockopt SO_PEERCRED",
                    Sys.GETSOCKOPT,
                    fd,
                    SOL_SOCKET,
                    SO_PEERCRED,
                    ucred.address(),
                    length.address());
            return new PeerCredentials(
                    ucred.getAtIndex(ValueLayout.JAVA_INT, 0),
                    ucred.getAtIndex(ValueLayout.JAVA_INT, 1),
                    ucred.getAtIndex(ValueLayout.JAVA_INT, 2));
        }
    }

    /// Ends both directions: the peer reads end of file, blocked threads of ours wake.
    public void shutdown() {
        synchronized (ownership) {
            if (!closed) {
                Native.quiet(Sys.SHUTDOWN, fd, SHUT_RDWR);
            }
        }
    }

    /// Shuts down and gives the descriptor back. May be called by any thread, and again.
    @Override
    public void close() {
        shutdown();
        reading.lock();
        writing.lock();
        try {
            synchronized (ownership) {
                if (!closed) {
                    closed = true;
                    Descriptors.close(fd);
                }
            }
        } finally {
            writing.unlock();
            reading.unlock();
        }
    }
}
