package smtpd.core.imsg;

/// The three answers of a lookup.
public enum LookupAnswer {
    /// Yes.
    FOUND,
    /// No.
    NOT_FOUND,
    /// Not now.
    TEMPFAIL
}
