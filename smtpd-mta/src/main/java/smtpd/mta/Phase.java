package smtpd.mta;

import java.time.Duration;

/// Where a session is in the dialogue, and how long the server may take there.
public enum Phase {
    /// Opening the connection.
    CONNECT(Duration.ofSeconds(30)),
    /// Waiting for the greeting (RFC 5321 §4.5.3.2.1).
    BANNER(Duration.ofMinutes(5)),
    /// EHLO, HELO or LHLO.
    HELLO(Duration.ofMinutes(5)),
    /// STARTTLS (RFC 3207 §4).
    STARTTLS(Duration.ofMinutes(2)),
    /// The handshake of TLS.
    HANDSHAKE(Duration.ofMinutes(1)),
    /// AUTH, each step (RFC 4954 §4).
    AUTH(Duration.ofMinutes(2)),
    /// MAIL (RFC 5321 §4.5.3.2.2).
    MAIL(Duration.ofMinutes(5)),
    /// RCPT (RFC 5321 §4.5.3.2.3).
    RCPT(Duration.ofMinutes(5)),
    /// DATA, until 354 (RFC 5321 §4.5.3.2.4).
    DATA(Duration.ofMinutes(2)),
    /// Each piece of what is sent, in whatever phase (RFC 5321 §4.5.3.2.5).
    SEND(Duration.ofMinutes(3)),
    /// After the final dot (RFC 5321 §4.5.3.2.6).
    END_OF_DATA(Duration.ofMinutes(10)),
    /// RSET.
    RSET(Duration.ofMinutes(5)),
    /// QUIT; nobody depends on the answer.
    QUIT(Duration.ofSeconds(5));

    private final Duration patience;

    Phase(Duration patience) {
        this.patience = patience;
    }

    /// How long the whole reply may take, however its bytes are spread over that time.
    public Duration patience() {
        return patience;
    }

    /// How long each phase may take; [Phase#patience] but in tests.
    @FunctionalInterface
    public interface Patience {
        Duration of(Phase phase);
    }
}
