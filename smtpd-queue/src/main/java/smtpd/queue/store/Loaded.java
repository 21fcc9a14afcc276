package smtpd.queue.store;

import smtpd.core.mail.Envelope;

/// The answer to the wish for an envelope: it is here, it is not, or it cannot be said.
public sealed interface Loaded permits Loaded.Found, Loaded.Absent, Refused {
    /// The envelope with its present state.
    ///
    /// @param envelope the envelope
    record Found(Envelope envelope) implements Loaded {}

    /// No such envelope.
    record Absent() implements Loaded {}

    /// The one [Absent].
    Absent ABSENT = new Absent();
}
