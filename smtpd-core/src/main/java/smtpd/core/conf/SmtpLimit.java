package smtpd.core.conf;

import java.util.Optional;

/// What `smtp limit WORD N` can bound, beside `max-mails` and `max-rcpt`: the share of the server
/// that one client may have. 0 takes a bound away. The defaults are for a small server; OpenSMTPD
/// has none of these bounds but the idle time.
public enum SmtpLimit {
    /// Sessions at a time, of all clients: what the heap holds when all of them idle, several times
    /// over.
    SESSIONS("max-session", 12_000),
    /// Sessions at a time of one address.
    SESSIONS_PER_CLIENT("max-session-per-client", 50),
    /// Sessions at a time of one network, /24 or /64.
    SESSIONS_PER_NETWORK("max-session-per-network", 200),
    /// Connections of one client in a minute; as many at once.
    CONNECTS_PER_MINUTE("max-connects-per-minute", 120),
    /// Mails of one client in a minute; as many at once.
    MAILS_PER_MINUTE("max-mails-per-minute", 240),
    /// Protocol errors of one session between two accepted messages.
    ERRORS("max-errors", 20),
    /// Commands of one session between two accepted messages, but RCPT.
    COMMANDS("max-commands", 1000),
    /// Failed authentications of one client in an hour; as many at once.
    AUTH_FAILURES("max-auth-failures", 10),
    /// Failed authentications as one user in an hour, from wherever; as many at once.
    AUTH_FAILURES_PER_USER("max-auth-failures-per-user", 30),
    /// Seconds a client may be silent, or not read. OpenSMTPD: the same; RFC 5321 §4.5.3.2.7 asks
    /// for at least 5 minutes.
    IDLE("idle-timeout", 300),
    /// Seconds of one session, whatever it does: a hundred messages over a slow line fit, an
    /// attacker that feeds a byte a minute does not stay for days.
    SESSION_TIME("session-timeout", 14_400),
    /// Seconds before the greeting, for clients that talk first to show themselves.
    GREET_DELAY("greet-delay", 0);

    private final String word;
    private final int usual;

    SmtpLimit(String word, int usual) {
        this.word = word;
        this.usual = usual;
    }

    /// The word of the language.
    public String word() {
        return word;
    }

    /// What holds when nothing is configured.
    public int usual() {
        return usual;
    }

    /// The limit of that word.
    public static Optional<SmtpLimit> of(String word) {
        for (SmtpLimit limit : values()) {
            if (limit.word.equals(word)) {
                return Optional.of(limit);
            }
        }
        return Optional.empty();
    }
}
