package smtpd.scheduler;

import java.time.Instant;

/// A command of the operator, carried out in parts, so that mail goes on however many envelopes it
/// means.
@FunctionalInterface
public interface Sweep {
    /// Carries out the next part.
    Part next(Instant now);

    /// What a part did.
    ///
    /// @param count how many envelopes it reached
    /// @param changed the ids of those whose state the queue is to remember
    /// @param last whether that was all
    @SuppressWarnings("ArrayRecordComponent") // it may be millions, and nobody compares parts
    record Part(int count, long[] changed, boolean last) {
        /// All of it, with nothing to be remembered.
        static Part all(int count) {
            return new Part(count, NONE, true);
        }

        /// All of it.
        static Part all(long[] changed) {
            return new Part(changed.length, changed, true);
        }
    }

    /// No ids.
    long[] NONE = {};
}
