package smtpd.smtp.protocol;

import smtpd.core.proc.ContentReader;

import java.time.Duration;

/// Every bound of the SMTP server that is not configured, with its reason.
public final class Limits {
    /// How long a proxy may take to say who its client is: it knows when it connects.
    public static final Duration PROXY_PATIENCE = Duration.ofSeconds(10);

    /// How long a closing session waits for the client to take the last reply.
    public static final Duration FAREWELL = Duration.ofSeconds(2);

    /// How long sessions may finish when the daemon stops.
    public static final Duration DRAIN = Duration.ofSeconds(3);

    /// How long the client's name may be looked up: longer than the resolver's own patience.
    public static final Duration NAME_PATIENCE = Duration.ofSeconds(40);

    /// How long a table may take, or the check of a password: longer than a table program's own
    /// patience.
    public static final Duration TABLE_PATIENCE = Duration.ofMinutes(1);

    /// How long the ruleset and the expansion of one recipient may take: DNS and tables included,
    /// and within the 5 minutes a client waits (RFC 5321 §4.5.3.2.3).
    public static final Duration EXPAND_PATIENCE = Duration.ofMinutes(2);

    /// How long filters may take: it is for lka to see to each one's deadline, and to answer; this
    /// is for many slow ones in one chain.
    public static final Duration FILTER_PATIENCE = Duration.ofHours(1);

    /// How long a TLS handshake may take as a whole: slow clients at the end of slow lines manage,
    /// half a handshake does not hold a descriptor for long. A signature of ca's is within it.
    public static final Duration HANDSHAKE = Duration.ofSeconds(60);

    /// How long ca may take to sign.
    public static final Duration SIGN_PATIENCE = Duration.ofSeconds(15);

    /// How long the queue may take to begin a message.
    public static final Duration CREATE_PATIENCE = Duration.ofMinutes(1);

    /// How long the queue may take for the sync: less than the 10 minutes a client waits (RFC 5321
    /// §4.5.3.2.6).
    public static final Duration COMMIT_PATIENCE = Duration.ofMinutes(5);

    /// How long the queue may take to write what was sent before it takes more.
    public static final Duration CREDIT_PATIENCE = Duration.ofMinutes(1);

    /// How long a session waits for the memory to receive content.
    public static final Duration CONTENT_PATIENCE = Duration.ofMinutes(1);

    /// Bytes of content in one frame to the queue.
    public static final int BODY_PART = 64 * 1024;

    /// Bytes of content under way to the queue for one session.
    public static final int WINDOW = ContentReader.WINDOW;

    /// Recipients that lka is asked about at a time for one session.
    public static final int RCPT_WINDOW = 64;

    /// Bytes of replies gathered before they are written in any case.
    public static final int REPLIES = 16 * 1024;

    /// How many octets past the largest message are read in the hope for its end.
    public static final long EXCESS = 64L * 1024 * 1024;

    /// Chunks without an octet in one message (RFC 3030 §2): more are no way to send a mail.
    public static final int EMPTY_CHUNKS = 100;

    /// Octets of what a client said before the greeting that are logged.
    public static final int PREGREET_SHOWN = 64;

    /// Characters of a command or reply that are logged.
    public static final int LOGGED = 512;

    private Limits() {}
}
