package smtpd.core.sys;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.Objects;

/// Plain file descriptors: pipes, streams over a descriptor, duplicating and closing.
public final class Descriptors {
    private static final int O_CLOEXEC = 0x80000;
    private static final int F_GETFD = 1;
    private static final int F_SETFD = 2;
    private static final int FD_CLOEXEC = 1;
    private static final int F_DUPFD_CLOEXEC = 1030;

    /// Bytes moved by one read or write of a stream; larger requests are split.
    private static final int CHUNK = 8192;

    private Descriptors() {}

    /// A pipe: what is written to `write` can be read from `read`. Both ends are close-on-exec.
    public record Pipe(int read, int write) {
        /// Makes a pipe; the caller owns both descriptors.
        public static Pipe open() throws SysException {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment pair = arena.allocate(ValueLayout.JAVA_INT, 2);
                Native.call("pipe2", Sys.PIPE2, pair.address(), O_CLOEXEC);
                return new Pipe(
                        pair.getAtIndex(ValueLayout.JAVA_INT, 0),
                        pair.getAtIndex(ValueLayout.JAVA_INT, 1));
            }
        }
    }

    /// Closes a descriptor; one that is not open is ignored.
    public static void close(int fd) {
        Native.quiet(Sys.CLOSE, fd);
    }

    /// Sets or clears close-on-exec.
    public static void setCloexec(int fd, boolean on) throws SysException {
        long flags = Native.call("fcntl", Sys.FCNTL, fd, F_GETFD);
        long wanted = on ? flags | FD_CLOEXEC : flags & ~(long) FD_CLOEXEC;
        Native.call("fcntl", Sys.FCNTL, fd, F_SETFD, wanted);
    }

    /// Whether the descriptor is open.
    public static boolean isOpen(int fd) {
        return Native.quiet(Sys.FCNTL, fd, F_GETFD) >= 0;
    }

    /// Waits until a read would not wait: there are bytes, or the other end is gone.
    ///
    /// @param timeoutMillis how long to wait; negative is for ever
    /// @return false when the time was up first
    public static boolean awaitReadable(int fd, long timeoutMillis) throws SysException {
        return new PollFd().await(fd, PollFd.POLLIN, timeoutMillis);
    }

    /// A second descriptor of the same open file, close-on-exec, numbered `atLeast` or above.
    public static int duplicate(int fd, int atLeast) throws SysException {
        return (int) Native.call("fcntl", Sys.FCNTL, fd, F_DUPFD_CLOEXEC, atLeast);
    }

    /// Reads a descriptor as a stream that owns it. Blocks the platform thread that reads (a
    /// virtual thread would hold its carrier). Not safe for use by several threads at once.
    public static InputStream input(int fd) {
        return new Input(new Descriptor(fd));
    }

    /// Writes a descriptor as a stream that owns it; unbuffered. Blocks the platform thread that
    /// writes. Not safe for use by several threads at once.
    public static OutputStream output(int fd) {
        return new Output(new Descriptor(fd));
    }

    /// An owned descriptor with memory to move bytes through.
    private static final class Descriptor {
        private final MemorySegment state = Arena.ofAuto().allocate(Native.STATE);
        private final MemorySegment chunk = Arena.ofAuto().allocate(CHUNK);
        private final int fd;
        private boolean open = true;

        Descriptor(int fd) {
            this.fd = fd;
        }

        int transfer(String what, int nr, int length) throws IOException {
            if (!open) {
                throw new SysException(what, Errno.EBADF);
            }
            try {
                long moved;
                do {
                    moved = Native.raw(state, nr, fd, chunk.address(), length);
                } while (moved == -Errno.EINTR);
                return (int) Native.check(what, moved);
            } finally {
                Reference.reachabilityFence(this);
            }
        }

        synchronized void close() {
            if (open) {
                open = false;
                Descriptors.close(fd);
            }
        }
    }

    private static final class Input extends InputStream {
        private final Descriptor from;

        Input(Descriptor from) {
            this.from = from;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int off, int len) throws IOException {
            Objects.checkFromIndexSize(off, len, into.length);
            if (len == 0) {
                return 0;
            }
            int count = from.transfer("read", Sys.READ, Math.min(len, CHUNK));
            MemorySegment.copy(from.chunk, ValueLayout.JAVA_BYTE, 0, into, off, count);
            return count == 0 ? -1 : count;
        }

        @Override
        public void close() {
            from.close();
        }
    }

    private static final class Output extends OutputStream {
        private final Descriptor to;

        Output(Descriptor to) {
            this.to = to;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] from, int off, int len) throws IOException {
            Objects.checkFromIndexSize(off, len, from.length);
            int done = 0;
            while (done < len) {
                int some = Math.min(len - done, CHUNK);
                MemorySegment.copy(from, off + done, to.chunk, ValueLayout.JAVA_BYTE, 0, some);
                done += to.transfer("write", Sys.WRITE, some);
            }
        }

        @Override
        public void close() {
            to.close();
        }
    }
}
