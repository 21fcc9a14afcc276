package smtpd.smtp.protocol;

import smtpd.core.imsg.FilterSubject;
import smtpd.core.mail.Envelope.Origin;
import smtpd.core.mail.Envelope.OriginFlags;
import smtpd.core.mail.SessionId;

/// What does not change from one command of a session to the next.
///
/// @param id the session's id
/// @param client who is at the other end
/// @param terms the listener's terms
/// @param services what all sessions use
/// @param ends the connection's
/// @param encryption the connection's
/// @param filters the session's
public record Facts(
        SessionId id,
        Client client,
        Terms terms,
        Services services,
        Ends ends,
        Encryption encryption,
        Filters filters) {
    /// Without filters.
    public Facts(
            SessionId id,
            Client client,
            Terms terms,
            Services services,
            Ends ends,
            Encryption encryption) {
        this(id, client, terms, services, ends, encryption, Filters.NONE);
    }

    /// Those of a session that begins, in clear.
    public Facts(SessionId id, Client client, Terms terms, Services services, Ends ends) {
        this(id, client, terms, services, ends, Encryption.NONE);
    }

    /// The server's name on this connection.
    public Facts hosted(String hostname) {
        return new Facts(id, client, terms.named(hostname), services, ends, encryption, filters);
    }

    /// A bare LF of the client ends a line.
    public Facts lax() {
        return new Facts(id, client, terms.lax(), services, ends, encryption, filters);
    }

    /// What lka came to know of the client.
    public Facts named(String host) {
        return new Facts(id, client.named(host), terms, services, ends, encryption, filters);
    }

    /// The client has proved to be a user.
    public Facts authenticated(String user) {
        return new Facts(
                id, client.authenticated(user), terms, services, ends, encryption, filters);
    }

    /// The connection is encrypted now.
    public Facts encrypted(Encryption now) {
        return new Facts(id, client, terms, services, ends, now, filters);
    }

    /// The session has filters.
    public Facts filtered(Filters now) {
        return new Facts(id, client, terms, services, ends, encryption, now);
    }

    /// The session as envelopes of `tx` carry it.
    public Origin origin(Hello hello, Transaction tx) {
        return new Origin(
                terms.tag(),
                terms.hostname(),
                hello.name(),
                client.host(),
                client.address(),
                client.user(),
                new OriginFlags(
                        client.isAuthenticated(),
                        false,
                        encryption.isOn(),
                        tx.params().smtpUtf8()));
    }

    /// What filters are told of the client when they are asked in `phase`.
    public FilterSubject subject(Phase phase) {
        String helo = phase.greeting().map(Hello::name).orElse("");
        String sender = phase.transaction().map(tx -> tx.sender().toString()).orElse("");
        return new FilterSubject(helo, client.user(), sender);
    }

    /// The log.
    public MailLog log() {
        return services.log();
    }
}
