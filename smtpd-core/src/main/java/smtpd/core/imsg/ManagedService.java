package smtpd.core.imsg;

/// What the operator can pause and resume as a whole.
public enum ManagedService {
    /// Local delivery.
    MDA,
    /// Remote delivery.
    MTA,
    /// Accepting mail.
    SMTP
}
