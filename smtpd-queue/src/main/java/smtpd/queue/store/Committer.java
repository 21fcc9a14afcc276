package smtpd.queue.store;

/// Makes what is asked of a [Stepped] store durable, in a thread of its own.
///
/// While it writes and syncs, what is asked meanwhile gathers for the next turn: the busier, the
/// more share one sync.
public final class Committer {
    /// How long a removal waits for another's sync: short beside a delivery, long enough for many
    /// results to come in.
    private static final long SHARE_NANOS = 5_000_000;

    /// How often free space is looked at while nothing happens.
    private static final long IDLE_NANOS = 1_000_000_000;

    private Committer() {}

    /// Starts the committer of a store; closing the store ends it.
    public static void start(Stepped store) {
        StoreThread thread = new StoreThread("committer", it -> run(store, it));
        store.attach(thread::wake, thread::stop);
        thread.start();
    }

    private static void run(Stepped store, StoreThread thread) {
        boolean flush = false;
        long deadline = 0;
        while (!thread.isStopping()) {
            switch (store.step(flush)) {
                case MORE -> flush = false;
                case IDLE -> {
                    flush = false;
                    deadline = 0;
                    thread.sleep(IDLE_NANOS, store::isIdle);
                }
                case WAITING -> {
                    long now = System.nanoTime();
                    deadline = flush || deadline == 0 ? now + SHARE_NANOS : deadline;
                    thread.sleep(deadline - now, store::isIdle);
                    flush = System.nanoTime() - deadline >= 0;
                }
            }
        }
    }
}
