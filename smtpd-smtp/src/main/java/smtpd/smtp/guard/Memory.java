package smtpd.smtp.guard;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The heap as sessions share it out: each takes what it may need before it begins, so that clients
/// are sent away before the heap ends. Thread-safe.
///
/// Shares · four fifths of the heap are given out. New sessions leave a quarter of that to those
/// who are there already: to shake hands and to bring their messages.
public final class Memory {
    /// Of the heap, what is given out: the rest is for what is no session's, and for the collector.
    private static final double GIVEN_OUT = 0.8;

    /// Of what is given out, what new sessions may not take.
    private static final double RESERVED = 0.25;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition given = lock.newCondition();
    private final int all;
    private final int reserve;
    private int free;

    /// What memory is needed for, and how much of it; measured, with a tenth and more on top.
    public enum Need {
        /// A session in clear: its thread, line and replies.
        SESSION(8),
        /// A session where TLS may be: what the runtime keeps of it beside.
        SECURE_SESSION(15),
        /// A handshake: records, certificates, keys, the transcript.
        HANDSHAKE(100),
        /// A message on its way in: buffers and a whole header.
        CONTENT(350);

        private final int kilobytes;

        Need(int kilobytes) {
            this.kilobytes = kilobytes;
        }

        /// How much that is.
        public int kilobytes() {
            return kilobytes;
        }

        private boolean isNew() {
            return this == SESSION || this == SECURE_SESSION;
        }
    }

    /// @param heap its largest size in bytes
    public Memory(long heap) {
        all = (int) Math.min(Integer.MAX_VALUE, (long) (heap * GIVEN_OUT) / 1024);
        reserve = (int) (all * RESERVED);
        free = all;
    }

    /// Takes what is needed, to be given back by [#give]; false if there is not that much.
    public boolean tryTake(Need need) {
        lock.lock();
        try {
            boolean enough = has(need);
            free -= enough ? need.kilobytes : 0;
            return enough;
        } finally {
            lock.unlock();
        }
    }

    /// Whether there is enough now.
    public boolean has(Need need) {
        lock.lock();
        try {
            return free - need.kilobytes >= (need.isNew() ? reserve : 0);
        } finally {
            lock.unlock();
        }
    }

    /// Takes what is needed as soon as there is that much; false if there was not in time.
    public boolean take(Need need, Duration patience) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = patience.toNanos();
            while (!has(need)) {
                if (left <= 0) {
                    return false;
                }
                left = given.awaitNanos(left);
            }
            free -= need.kilobytes;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Gives back what was taken.
    public void give(Need need) {
        lock.lock();
        try {
            free += need.kilobytes;
            given.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Kilobytes that are given out at most.
    public int all() {
        return all;
    }

    /// Kilobytes that nobody has taken.
    public int free() {
        lock.lock();
        try {
            return free;
        } finally {
            lock.unlock();
        }
    }
}
