package smtpd.core.smtp;

/// Where a byte machine puts what it makes. The bytes are lent for the time of the call: a sink
/// that keeps them copies them, and never writes to the array.
@FunctionalInterface
public interface ByteSink {
    /// Takes `length` bytes of `bytes` from `offset`; `length` may be 0.
    void write(byte[] bytes, int offset, int length);
}
