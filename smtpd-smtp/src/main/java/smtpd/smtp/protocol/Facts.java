package smtpd.smtp.protocol;

import smtpd.core.mail.Envelope.Origin;
import smtpd.core.mail.Envelope.OriginFlags;
import smtpd.core.mail.SessionId;

/// What does not change from one command of a session to the next.
///
/// @param id the session's id
/// @param client who is at the other end
/// @param terms the listener's terms
/// @param services what all sessions use
public record Facts(SessionId id, Client client, Terms terms, Services services) {
    /// What lka came to know of the client.
    public Facts named(String host) {
        return new Facts(id, client.named(host), terms, services);
    }

    /// The session as envelopes carry it.
    public Origin origin(Hello hello) {
        return new Origin(
                terms.tag(),
                terms.hostname(),
                hello.name(),
                client.host(),
                client.address(),
                client.user(),
                new OriginFlags(client.isAuthenticated(), false, false));
    }

    /// The log.
    public MailLog log() {
        return services.log();
    }
}
