package smtpd.queue.store;

/// How a change of the store ended.
public sealed interface StoreResult permits StoreResult.Done, Refused {
    /// The change is made; for a commit: it is on stable storage.
    record Done() implements StoreResult {}

    /// The one [Done].
    Done DONE = new Done();
}
