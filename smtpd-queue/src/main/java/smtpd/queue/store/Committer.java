package smtpd.queue.store;

import java.util.concurrent.locks.LockSupport;

/// The thread that makes what is asked of a [Stepped] store durable.
///
/// While it writes and syncs, what is asked meanwhile gathers for the next turn: the busier, the
/// more share one sync.
public final class Committer implements Runnable {
    /// How long a removal waits for another's sync: short beside a delivery, long enough for many
    /// results to come in.
    private static final long SHARE_NANOS = 5_000_000;

    /// How often free space is looked at while nothing happens.
    private static final long IDLE_NANOS = 1_000_000_000;

    private final Stepped store;
    private final Thread thread;
    private volatile boolean parked;
    private volatile boolean stopping;

    private Committer(Stepped store) {
        this.store = store;
        this.thread = Thread.ofPlatform().name("committer").daemon().unstarted(this);
    }

    /// Starts the committer of a store; closing the store ends it.
    public static void start(Stepped store) {
        Committer committer = new Committer(store);
        store.attach(committer::wake, committer::stop);
        committer.thread.start();
    }

    private void wake() {
        if (parked) {
            LockSupport.unpark(thread);
        }
    }

    private void stop() {
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

    @Override
    public void run() {
        boolean flush = false;
        long deadline = 0;
        while (!stopping) {
            switch (store.step(flush)) {
                case MORE -> flush = false;
                case IDLE -> {
                    flush = false;
                    deadline = 0;
                    park(IDLE_NANOS);
                }
                case WAITING -> {
                    long now = System.nanoTime();
                    deadline = flush || deadline == 0 ? now + SHARE_NANOS : deadline;
                    park(deadline - now);
                    flush = System.nanoTime() - deadline >= 0;
                }
            }
        }
    }

    private void park(long nanos) {
        parked = true;
        if (nanos > 0 && store.isIdle() && !stopping) {
            LockSupport.parkNanos(this, nanos);
        }
        parked = false;
    }
}
