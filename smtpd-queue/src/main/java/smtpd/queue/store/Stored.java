package smtpd.queue.store;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.EvpId;

import java.util.Optional;

/// The answer to the wish for an envelope's bytes: they are here, they are not, or it cannot be
/// said.
public sealed interface Stored permits Stored.Found, Stored.Absent, Refused {
    /// The bytes of an envelope.
    ///
    /// @param id the envelope
    /// @param envelope as it was added
    /// @param state its latest state, if it was updated
    record Found(EvpId id, Bytes envelope, Optional<Bytes> state) implements Stored {}

    /// No such envelope.
    record Absent() implements Stored {}

    /// The one [Absent].
    Absent ABSENT = new Absent();
}
