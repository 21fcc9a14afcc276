package smtpd.core.sys;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/// The memory of one `sendmsg` or `recvmsg`: header, one piece of data, room for descriptors.
///
/// Layout (LP64): `struct msghdr` of 56 bytes, `struct iovec` of 16, then the control buffer with
/// one `cmsghdr` of 16 bytes and its descriptors.
final class Message {
    private static final long NAME = 0;
    private static final long IOV = 16;
    private static final long IOV_COUNT = 24;
    private static final long CONTROL = 32;
    private static final long CONTROL_LENGTH = 40;
    private static final long FLAGS = 48;
    private static final long MSGHDR_BYTES = 56;

    private static final long CMSG_BYTES = 16;
    private static final long CMSG_LEVEL = 8;
    private static final long CMSG_TYPE = 12;
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;

    /// `CMSG_SPACE` of the most descriptors a message may carry.
    static final long CONTROL_BYTES = CMSG_BYTES + (long) FdSocket.MAX_FDS * Integer.BYTES;

    final MemorySegment state;
    final MemorySegment header;
    private final MemorySegment iov;
    private final MemorySegment control;

    private @Nullable ByteBuffer last;
    private long start;

    Message() {
        Arena arena = Arena.ofAuto();
        state = arena.allocate(Native.STATE);
        header = arena.allocate(MSGHDR_BYTES, Long.BYTES);
        iov = arena.allocate(16, Long.BYTES);
        control = arena.allocate(CONTROL_BYTES, Long.BYTES);
        header.set(ValueLayout.JAVA_LONG, NAME, 0);
        header.set(ValueLayout.JAVA_LONG, IOV, iov.address());
        header.set(ValueLayout.JAVA_LONG, IOV_COUNT, 1);
    }

    /// Where the remaining bytes of a direct buffer lie. Asking costs an allocation, so the answer
    /// for the last buffer is kept, and with it the buffer.
    @SuppressWarnings("ReferenceEquality")
    long address(ByteBuffer buf) {
        if (buf != last) {
            if (!buf.isDirect()) {
                throw new IllegalArgumentException("not a direct buffer");
            }
            start = MemorySegment.ofBuffer(buf).address() - buf.position();
            last = buf;
        }
        return start + buf.position();
    }

    /// Points the header at data and at `controlLength` bytes of the control buffer. The kernel
    /// overwrites both lengths, so this goes before every call.
    void aim(long address, long length, long controlLength) {
        iov.set(ValueLayout.JAVA_LONG, 0, address);
        iov.set(ValueLayout.JAVA_LONG, Long.BYTES, length);
        header.set(ValueLayout.JAVA_LONG, CONTROL, controlLength == 0 ? 0 : control.address());
        header.set(ValueLayout.JAVA_LONG, CONTROL_LENGTH, controlLength);
        header.set(ValueLayout.JAVA_INT, FLAGS, 0);
    }

    /// Writes descriptors to send into the control buffer; its length in bytes.
    long attach(int[] fds) {
        if (fds.length == 0) {
            return 0;
        }
        long length = CMSG_BYTES + (long) fds.length * Integer.BYTES;
        control.set(ValueLayout.JAVA_LONG, 0, length);
        control.set(ValueLayout.JAVA_INT, CMSG_LEVEL, SOL_SOCKET);
        control.set(ValueLayout.JAVA_INT, CMSG_TYPE, SCM_RIGHTS);
        MemorySegment.copy(fds, 0, control, ValueLayout.JAVA_INT, CMSG_BYTES, fds.length);
        return (length + Long.BYTES - 1) & -Long.BYTES;
    }

    long controlLength() {
        return header.get(ValueLayout.JAVA_LONG, CONTROL_LENGTH);
    }

    int flags() {
        return header.get(ValueLayout.JAVA_INT, FLAGS);
    }

    /// The descriptors that came with the last message; we own them.
    int[] descriptors() {
        boolean rights =
                controlLength() >= CMSG_BYTES
                        && control.get(ValueLayout.JAVA_INT, CMSG_LEVEL) == SOL_SOCKET
                        && control.get(ValueLayout.JAVA_INT, CMSG_TYPE) == SCM_RIGHTS;
        long bytes = rights ? control.get(ValueLayout.JAVA_LONG, 0) - CMSG_BYTES : 0;
        int[] fds = new int[(int) (bytes / Integer.BYTES)];
        MemorySegment.copy(control, ValueLayout.JAVA_INT, CMSG_BYTES, fds, 0, fds.length);
        return fds;
    }
}
