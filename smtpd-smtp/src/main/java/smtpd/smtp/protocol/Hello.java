package smtpd.smtp.protocol;

import smtpd.core.smtp.Received;

/// How a client introduced itself.
///
/// @param dialect the greeting it used
/// @param name its argument
public record Hello(Received.Dialect dialect, String name) {
    /// Whether the answer announced PIPELINING (RFC 2920) and everything else.
    public boolean extended() {
        return dialect != Received.Dialect.SMTP;
    }
}
