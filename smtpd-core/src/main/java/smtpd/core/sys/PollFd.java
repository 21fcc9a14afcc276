package smtpd.core.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;

/// Waiting for one descriptor by `ppoll`. One thread at a time.
final class PollFd {
    static final short POLLIN = 1;
    static final short POLLOUT = 4;

    private static final long MILLIS_PER_SECOND = 1000;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final MemorySegment state;
    private final MemorySegment pollfd;
    private final MemorySegment timespec;

    PollFd() {
        Arena arena = Arena.ofAuto();
        state = arena.allocate(Native.STATE);
        pollfd = arena.allocate(8, Integer.BYTES);
        timespec = arena.allocate(16, Long.BYTES);
    }

    /// Waits for `events`, a hang-up or an error; false when the time was up first. An interruption
    /// by a signal starts the wait again.
    boolean await(int fd, short events, long timeoutMillis) throws SysException {
        pollfd.set(ValueLayout.JAVA_INT, 0, fd);
        pollfd.set(ValueLayout.JAVA_SHORT, 4, events);
        long wait = 0;
        if (timeoutMillis >= 0) {
            timespec.set(ValueLayout.JAVA_LONG, 0, timeoutMillis / MILLIS_PER_SECOND);
            timespec.set(
                    ValueLayout.JAVA_LONG, 8, timeoutMillis % MILLIS_PER_SECOND * NANOS_PER_MILLI);
            wait = timespec.address();
        }
        try {
            long ready;
            do {
                ready = Native.raw(state, Sys.PPOLL, pollfd.address(), 1, wait);
            } while (ready == -Errno.EINTR);
            return Native.check("ppoll", ready) > 0;
        } finally {
            Reference.reachabilityFence(this);
        }
    }
}
