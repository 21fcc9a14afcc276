package smtpd.smtp.protocol;

import smtpd.core.conf.Listener;
import smtpd.core.conf.Listener.Flag;
import smtpd.core.conf.SmtpOptions;
import smtpd.core.smtp.CommandParser;
import smtpd.core.smtp.LineReader;

/// The terms on which one listener serves.
///
/// @param listener the directive
/// @param hostname the name we give ourselves
/// @param options the limits that are configured
/// @param parser reads its commands
/// @param lineEnds what ends a line
public record Terms(
        Listener listener,
        String hostname,
        SmtpOptions options,
        CommandParser parser,
        LineReader.LineEnds lineEnds) {
    private static final int PORT_SUBMISSION = 587;
    private static final int PORT_SUBMISSIONS = 465;

    /// The terms of `listener` on the server called `server`.
    public static Terms of(Listener listener, String server, SmtpOptions options) {
        String own = listener.session().hostname();
        boolean dsn = !listener.has(Flag.NO_DSN);
        return new Terms(
                listener,
                own.isEmpty() ? server : own,
                options,
                new CommandParser(new CommandParser.Extensions(dsn, true, false)),
                LineReader.LineEnds.CRLF);
    }

    /// The same under another name of the server's.
    public Terms named(String other) {
        return new Terms(listener, other, options, parser, lineEnds);
    }

    /// The same for a client whose bare LF ends a line.
    public Terms lax() {
        return new Terms(listener, hostname, options, parser, LineReader.LineEnds.CRLF_OR_LF);
    }

    /// Whether a client can authenticate here at all.
    public boolean hasAuth() {
        return listener.auth().mode() != Listener.AuthMode.NONE;
    }

    /// Whether a proxy must say who its client is before anything else.
    public boolean proxied() {
        return listener.has(Flag.PROXY_V1) || listener.has(Flag.PROXY_V2);
    }

    /// Whether DSN is announced (RFC 3461).
    public boolean dsn() {
        return !listener.has(Flag.NO_DSN);
    }

    /// Whether LMTP is spoken (RFC 2033).
    public boolean lmtp() {
        return listener.has(Flag.LMTP);
    }

    /// What rules can test.
    public String tag() {
        return listener.session().tag();
    }

    /// Whether STARTTLS must come before MAIL.
    public boolean needsTls() {
        return listener.tls().mode() == Listener.TlsMode.REQUIRE;
    }

    /// Whether STARTTLS is offered.
    public boolean offersTls() {
        return listener.tls().mode() == Listener.TlsMode.STARTTLS || needsTls();
    }

    /// Whether TLS begins with the connection.
    public boolean beginsWithTls() {
        return listener.tls().mode() == Listener.TlsMode.SMTPS;
    }

    /// Whether `client` must authenticate before MAIL.
    public boolean needsAuth(Client client) {
        return listener.auth().mode() == Listener.AuthMode.REQUIRED && !client.isAuthenticated();
    }

    /// Whether mail of `client` is a submission, whose header is completed (RFC 6409 §8): it comes
    /// from this host, or to a port of submission. OpenSMTPD: port 465 was forgotten.
    public boolean submission(Client client) {
        return client.isThisHost()
                || (listener.bind() instanceof Listener.Bind.Inet inet
                        && (inet.port() == PORT_SUBMISSION || inet.port() == PORT_SUBMISSIONS));
    }
}
