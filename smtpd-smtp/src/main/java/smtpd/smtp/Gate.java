package smtpd.smtp;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Open, or closed to those who must wait until it opens again: `smtpctl pause smtp`.
final class Gate {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition opened = lock.newCondition();
    private boolean open = true;

    void set(boolean nowOpen) {
        lock.lock();
        try {
            open = nowOpen;
            opened.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void await() {
        lock.lock();
        try {
            while (!open) {
                opened.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }
}
