package smtpd.queue.store;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// A thread of a store: sleeps until there is work, and ends when it is asked to.
final class StoreThread {
    private final Thread thread;
    private volatile boolean parked;
    private volatile boolean stopping;

    /// A thread that does `work`, which returns when [#isStopping()].
    StoreThread(String name, Consumer<StoreThread> work) {
        thread = Thread.ofPlatform().name(name).daemon().unstarted(() -> work.accept(this));
    }

    void start() {
        thread.start();
    }

    /// There is work.
    void wake() {
        if (parked) {
            LockSupport.unpark(thread);
        }
    }

    /// Has it end, and waits until it has.
    void stop() {
        stopping = true;
        LockSupport.unpark(thread);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    boolean isStopping() {
        return stopping;
    }

    /// Sleeps until it is woken, for `nanos` at most, if there is no work; for the thread itself.
    void sleep(long nanos, BooleanSupplier isIdle) {
        parked = true;
        if (nanos > 0 && isIdle.getAsBoolean() && !stopping) {
            LockSupport.parkNanos(this, nanos);
        }
        parked = false;
    }

    /// Sleeps for `nanos` even if there is work, but not when it is asked to end; for the thread
    /// itself.
    void rest(long nanos) {
        if (!stopping) {
            LockSupport.parkNanos(this, nanos);
        }
    }
}
