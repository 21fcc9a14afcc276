package smtpd.smtp.protocol;

import smtpd.core.conf.SmtpLimit;

import java.util.Optional;

/// Who may do how much, counted over all sessions.
public interface Guard {
    /// What forbids a client to try to be a user, if anything does: one of them has failed too
    /// often of late.
    Optional<SmtpLimit> mayAuthenticate(Client client, String user);

    /// A client has tried.
    ///
    /// @param proved whether it is that user
    void authenticated(Client client, String user, boolean proved);

    /// Whether a client may begin one more mail now, and counts it.
    boolean mayMail(Client client);

    /// Waits up to a second, nobody knows how long: who guesses learns nothing from the time an
    /// answer takes (OpenSMTPD: the same).
    void hesitate();

    /// Printable text that nobody can guess.
    String nonce();
}
