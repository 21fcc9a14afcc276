package smtpd.smtp;

import smtpd.core.proc.PeerLost;
import smtpd.core.proc.Role;
import smtpd.smtp.protocol.Limits;
import smtpd.smtp.protocol.Queue;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The content of one message that is under way to the queue: taken by its session, given back by
/// the link's thread.
final class CreditWindow implements Queue.Window {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Runnable forget;
    private long left = Limits.WINDOW;
    private boolean lost;

    CreditWindow(Runnable forget) {
        this.forget = forget;
    }

    @Override
    public void take(int bytes) throws PeerLost {
        lock.lock();
        try {
            long nanos = Limits.CREDIT_PATIENCE.toNanos();
            while (left < bytes && !lost && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
            if (lost || left < bytes) {
                throw new PeerLost(Role.QUEUE, lost ? "died" : "writes too slowly");
            }
            left -= bytes;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PeerLost(Role.QUEUE, "interrupted");
        } finally {
            lock.unlock();
        }
    }

    /// The queue has written `bytes`. It cannot give more than was taken.
    void give(int bytes) {
        lock.lock();
        try {
            left = Math.min(Limits.WINDOW, left + Math.max(0, bytes));
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /// The queue is gone.
    void lose() {
        lock.lock();
        try {
            lost = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        forget.run();
    }
}
