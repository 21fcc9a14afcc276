package smtpd.smtp.sasl;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.Secret;

import java.util.function.Function;

/// What comes next in an authentication, and what to do with what comes of it.
public sealed interface Turn {
    /// Say this to the client, and go on with its response.
    ///
    /// @param challenge octets, perhaps none
    /// @param next takes the response
    record Challenge(Bytes challenge, Function<Bytes, Turn> next) implements Turn {}

    /// Ask whether a password fits; that decides.
    ///
    /// @param user whose
    /// @param password what the client gave
    record CheckPassword(String user, Secret password) implements Turn {}

    /// Ask for a user's salt.
    ///
    /// @param user whose
    /// @param next takes it
    record FetchSalt(String user, Function<Salt, Turn> next) implements Turn {}

    /// Ask whether a proof is one.
    ///
    /// @param user whose password it is about
    /// @param message what was said so far (RFC 5802 §3: AuthMessage)
    /// @param proof the client's
    /// @param next takes our signature, if it is one
    record CheckProof(String user, String message, Bytes proof, Function<Bytes, Turn> next)
            implements Turn {}

    /// The client is who it says.
    ///
    /// @param user who
    record Proved(String user) implements Turn {}

    /// The client is refused, whoever it is.
    ///
    /// @param user who it said it was; empty if it has not
    /// @param reason for the log
    record Refused(String user, String reason) implements Turn {}

    /// What the client says is no message of the mechanism.
    ///
    /// @param reason what is wrong
    record Malformed(String reason) implements Turn {}

    /// What a user's keys are made with.
    ///
    /// @param salt at least 8 octets
    /// @param iterations at least 4096
    record Salt(Bytes salt, int iterations) {}
}
