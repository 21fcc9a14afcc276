package smtpd.core.imsg;

/// What a statistics update does to its key.
public enum StatKind {
    /// Adds.
    INCREMENT,
    /// Subtracts.
    DECREMENT,
    /// Replaces.
    SET,
    /// Adds an observation to a distribution, in microseconds.
    OBSERVE,
    /// Adds a part and a whole to a ratio.
    RATIO,
    /// Says when something happened last, in seconds since 1970.
    STAMP
}
