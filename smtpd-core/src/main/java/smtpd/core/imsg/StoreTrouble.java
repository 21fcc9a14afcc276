package smtpd.core.imsg;

/// What keeps the queue from beginning a message or from making it durable.
public enum StoreTrouble {
    /// The disk is full: 452 to the client.
    NO_SPACE,
    /// The storage has failed and takes nothing until the daemon is started anew: 421.
    FAILED,
    /// Anything else: 451.
    OTHER
}
