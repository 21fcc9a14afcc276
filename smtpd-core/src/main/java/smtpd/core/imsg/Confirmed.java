package smtpd.core.imsg;

/// Whether a reverse name leads forward to its address.
public enum Confirmed {
    /// It does.
    PASS,
    /// It does not, or there is no name.
    FAIL,
    /// DNS did not answer.
    ERROR
}
