package smtpd.core.mail;

/// The 64-bit id of one SMTP dialogue, in or out; written as 16 hexadecimal digits, first on every
/// log line.
///
/// @param value the id; 0 where no session existed
public record SessionId(long value) {
    /// Stands where a line needs an id and no session existed.
    public static final SessionId NONE = new SessionId(0);

    @Override
    public String toString() {
        return Hex.of(value);
    }
}
