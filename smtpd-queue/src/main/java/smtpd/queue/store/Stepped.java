package smtpd.queue.store;

/// A store that does its work in steps: [Committer] calls them from a thread of its own, a
/// simulation as events.
public interface Stepped {
    /// What a call of [#step] left to do.
    enum Progress {
        /// Nothing until something is asked.
        IDLE,
        /// Removals wait for a sync: another's, or that of `step(true)` soon.
        WAITING,
        /// More can be done at once.
        MORE
    }

    /// Does what waits. With `flush`, removals are made durable too. One thread at a time.
    Progress step(boolean flush);

    /// Whether nothing waits to be taken.
    boolean isIdle();

    /// Tells whom to wake when something was asked, and what to call first when the store is
    /// closed.
    void attach(Runnable wakeUp, Runnable beforeClose);
}
