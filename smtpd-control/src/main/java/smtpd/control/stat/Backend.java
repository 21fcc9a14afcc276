package smtpd.control.stat;

/// Somewhere statistics go. Used by one thread at a time. What a backend cannot take it says once
/// and goes on with the next reading: no statistic stops another, or mail.
public interface Backend extends AutoCloseable {
    /// Takes how everything stands, about once a second; each reading is later than the one before.
    void take(Reading reading);

    /// Gives back what it holds.
    @Override
    void close();
}
