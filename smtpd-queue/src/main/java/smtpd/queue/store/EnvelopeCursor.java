package smtpd.queue.store;

import smtpd.core.mail.Envelope;

import java.util.Optional;

/// The envelopes that existed when the cursor was made, one after the other, by one thread at a
/// time.
///
/// Those that were removed meanwhile are left out; those of damaged messages too.
public interface EnvelopeCursor extends AutoCloseable {
    /// The next envelope with its present state, or empty at the end.
    Optional<Envelope> next();

    /// Ends reading.
    @Override
    void close();
}
