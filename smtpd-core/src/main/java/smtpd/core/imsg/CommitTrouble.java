package smtpd.core.imsg;

/// What kept the queue from making a message durable.
public enum CommitTrouble {
    /// The disk is full: 452 to the client.
    NO_SPACE,
    /// Anything else: 451.
    OTHER
}
