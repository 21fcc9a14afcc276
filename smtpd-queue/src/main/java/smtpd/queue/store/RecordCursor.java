package smtpd.queue.store;

import java.util.Optional;

/// The bytes of the envelopes that existed when the cursor was made, one after the other, by one
/// thread at a time.
///
/// Those that were removed meanwhile are left out; those of held messages too. What cannot be read
/// is told by the store and left out.
public interface RecordCursor extends AutoCloseable {
    /// The next envelope, or empty at the end.
    Optional<Stored.Found> next();

    /// Ends reading.
    @Override
    void close();
}
