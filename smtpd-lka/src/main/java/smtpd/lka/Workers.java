package smtpd.lka;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.Semaphore;

/// Virtual threads for lookups, so that none waits behind another: a bounded number.
///
/// Lookups share nothing that one of them could leave in disorder: an error of ours that one meets
/// is the end of that one, not of the process with all that others wait for.
final class Workers {
    private static final Logger LOG = LoggerFactory.getLogger(Workers.class);

    /// Lookups under way. Each holds a stack of a few kilobytes; a peer that asks for more hears
    /// "not now".
    static final int MAX = 4096;

    private final Semaphore free = new Semaphore(MAX);

    /// Runs `task` on a thread of its own, or `otherwise` at once when too many are under way.
    /// `otherwise` comes too when `task` throws.
    void run(Runnable task, Runnable otherwise) {
        if (!free.tryAcquire()) {
            otherwise.run();
            return;
        }
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        task.run();
                    } catch (RuntimeException | StackOverflowError e) {
                        LOG.error("warn: lka: a question without an answer", e);
                        otherwise.run();
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
