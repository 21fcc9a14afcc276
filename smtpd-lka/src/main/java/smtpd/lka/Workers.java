package smtpd.lka;

import java.util.concurrent.Semaphore;

/// Virtual threads for lookups, so that none waits behind another: a bounded number.
final class Workers {
    /// Lookups under way. Each holds a stack of a few kilobytes; a peer that asks for more hears
    /// "not now".
    static final int MAX = 4096;

    private final Semaphore free = new Semaphore(MAX);

    /// Runs `task` on a thread of its own, or `otherwise` at once when too many are under way.
    void run(Runnable task, Runnable otherwise) {
        if (!free.tryAcquire()) {
            otherwise.run();
            return;
        }
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        task.run();
                    } finally {
                        free.release();
                    }
                });
    }

    /// How many lookups are under way.
    int underWay() {
        return MAX - free.availablePermits();
    }
}
