package smtpd.smtp.protocol;

import smtpd.core.conf.SmtpLimit;
import smtpd.core.imsg.StoreTrouble;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;
import smtpd.core.smtp.Reply;

import java.util.ArrayList;
import java.util.List;

/// The server's voice: every reply it gives, but those about the syntax of one command, which
/// [smtpd.core.smtp.CommandParser] gives. Texts that scripts match are OpenSMTPD's.
public final class Replies {
    /// The code of a reply that ends the session (RFC 5321 §3.8).
    public static final int CLOSING = 421;

    /// RSET done.
    public static final Reply RESET = Reply.esc(250, "2.0.0", "Reset state");

    /// MAIL or NOOP done.
    public static final Reply OK = Reply.esc(250, "2.0.0", "Ok");

    /// RCPT done.
    public static final Reply RCPT_OK =
            Reply.esc(250, "2.1.5", "Destination address valid: Recipient ok");

    /// DATA may begin; RFC 2034 §3 keeps enhanced codes out of 3yz.
    public static final Reply ENTER_MAIL =
            Reply.of(354, "Enter mail, end with \".\" on a line by itself");

    /// Chunks that bring nothing, over and over.
    public static final Reply TOO_MANY_CHUNKS = Reply.esc(421, "4.7.0", "Too many empty chunks");

    /// QUIT.
    public static final Reply BYE = Reply.esc(221, "2.0.0", "Bye");

    /// VRFY (RFC 5321 §3.5.3): we do not tell.
    public static final Reply CANNOT_VERIFY =
            Reply.esc(252, "2.1.5", "Cannot verify users; mail to them may be sent");

    /// HELP.
    public static final Reply HELP =
            Reply.esc(
                    214,
                    "2.0.0",
                    "Commands:",
                    "HELO EHLO MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT",
                    "See RFC 5321; for help with a mail, write to postmaster");

    /// Wrong order of commands.
    public static final Reply OUT_OF_ORDER =
            Reply.esc(503, "5.5.1", "Invalid command: Command not allowed at this point.");

    /// Not a command.
    public static final Reply UNRECOGNIZED =
            Reply.esc(500, "5.5.1", "Invalid command: Command unrecognized");

    /// Somebody wants to be taken for another client.
    public static final Reply NOT_TRUSTED =
            Reply.esc(550, "5.7.0", "Invalid command: Not for clients to say");

    /// A command of RFCs that this listener does not offer.
    public static final Reply NOT_IMPLEMENTED =
            Reply.esc(502, "5.5.1", "Invalid command: Command not implemented");

    /// ETRN (RFC 1985 §5.1): for nobody.
    public static final Reply NODE_NOT_ALLOWED = Reply.esc(459, "4.7.1", "Node not allowed");

    /// The client does not wait for replies where it must.
    public static final Reply OUT_OF_STEP =
            Reply.esc(554, "5.5.0", "Synchronization error: wait for the reply");

    /// The client talks before the greeting (RFC 5321 §4.3.1).
    public static final Reply PREGREET =
            Reply.esc(554, "5.5.1", "Synchronization error: wait for the greeting");

    /// Over the length of a command line.
    public static final Reply LINE_TOO_LONG = Reply.esc(500, "5.5.6", "Command line too long");

    /// No end of the line in sight.
    public static final Reply ENDLESS_LINE = Reply.esc(421, "4.7.0", "Line without an end");

    /// RFC 5321 §2.3.8.
    public static final Reply BARE_LINE_END =
            Reply.esc(500, "5.5.2", "Syntax error: lines end with CRLF");

    /// The error budget is used up.
    public static final Reply TOO_MANY_ERRORS = Reply.esc(421, "4.7.0", "Too many errors");

    /// More commands than a session may need.
    public static final Reply TOO_MANY_COMMANDS = Reply.esc(CLOSING, "4.7.0", "Too many commands");

    /// More sessions than we serve.
    public static final Reply TOO_MANY_SESSIONS =
            Reply.esc(421, "4.3.2", "Too many sessions, try again later");

    /// More sessions than we serve one client.
    public static final Reply TOO_MANY_OF_CLIENT =
            Reply.esc(421, "4.7.0", "Too many sessions from your address");

    /// More sessions than we serve one network.
    public static final Reply TOO_MANY_OF_NETWORK =
            Reply.esc(CLOSING, "4.7.0", "Too many sessions from your network");

    /// More connections than a client may make in a while.
    public static final Reply TOO_MANY_CONNECTIONS =
            Reply.esc(CLOSING, "4.7.0", "Too many connections, try again later");

    /// More messages than one session may bring.
    public static final Reply TOO_MANY_MAILS = Reply.esc(421, "4.5.3", "Too many messages sent");

    /// More recipients than one transaction may have (RFC 5321 §4.5.3.1.10).
    public static final Reply TOO_MANY_RCPTS = Reply.esc(452, "4.5.3", "Too many recipients");

    /// The client said nothing for too long.
    public static final Reply TIMEOUT = Reply.esc(421, "4.4.2", "Timeout");

    /// The daemon stops.
    public static final Reply SHUTTING_DOWN = Reply.esc(421, "4.3.2", "Shutting down");

    /// A peer of ours does not answer, and without it there is no session.
    public static final Reply UNAVAILABLE = Reply.esc(421, "4.3.0", "Temporary failure");

    /// A filter refuses in words that are no reply (OpenSMTPD: the same).
    public static final Reply FILTER_NONSENSE = Reply.esc(421, "4.3.0", "Internal server error");

    /// A peer of ours does not answer, or has failed.
    public static final Reply NOT_NOW = Reply.esc(451, "4.3.0", "Temporary failure");

    /// Too much is being received at once.
    public static final Reply BUSY = Reply.esc(451, "4.3.2", "Too busy, try again later");

    /// The queue takes no new message.
    public static final Reply NO_ROOM =
            Reply.esc(452, "4.3.1", "Insufficient system storage, try again later");

    /// What keeps the queue from taking a message. With storage that has failed the session ends:
    /// whatever the client says next, there is no mail.
    public static Reply trouble(StoreTrouble trouble) {
        return switch (trouble) {
            case NO_SPACE -> NO_ROOM;
            case FAILED -> UNAVAILABLE;
            case OTHER -> NOT_NOW;
        };
    }

    /// RFC 1870 §6.
    public static final Reply TOO_BIG = Reply.esc(552, "5.3.4", "Message too big for system");

    /// DATA when every RCPT was refused.
    public static final Reply NO_VALID_RCPTS = Reply.esc(554, "5.5.1", "No valid recipients");

    /// A bare CR or LF, or a NUL, in the content.
    public static final Reply BAD_CONTENT =
            Reply.esc(550, "5.6.0", "Message has a bare CR, bare LF or NUL in it");

    /// A line longer than any program writes.
    public static final Reply HUGE_LINE = Reply.esc(550, "5.6.0", "Line too long");

    /// A header that is none.
    public static final Reply NOT_COMPLIANT =
            Reply.esc(550, "5.7.1", "Message is not RFC 2822 compliant");

    /// A header that is too much.
    public static final Reply HEADER_TOO_BIG = Reply.esc(550, "5.6.0", "Message header too big");

    /// RFC 5321 §6.3. OpenSMTPD: 500.
    public static final Reply LOOP = Reply.esc(554, "5.4.6", "Loop detected");

    /// `listen … tls-require` (RFC 3207 §4).
    public static final Reply TLS_NEEDED =
            Reply.esc(530, "5.7.0", "Invalid command: Must issue a STARTTLS command first");

    /// STARTTLS (RFC 3207 §4).
    public static final Reply READY_FOR_TLS = Reply.esc(220, "2.0.0", "Ready to start TLS");

    /// `listen … auth` (RFC 4954 §6).
    public static final Reply AUTH_NEEDED =
            Reply.esc(530, "5.7.0", "Invalid command: Must issue an AUTH command first");

    /// AUTH done (OpenSMTPD: the same; RFC 4954 §6 has 2.7.0).
    public static final Reply AUTHENTICATED = Reply.esc(235, "2.0.0", "Authentication succeeded");

    /// AUTH: the password is wrong, or there is no such user.
    public static final Reply AUTH_FAILED = Reply.esc(535, "5.7.8", "Authentication failed");

    /// AUTH: whether the password fits cannot be told now. OpenSMTPD: the session goes on.
    public static final Reply AUTH_NOT_NOW =
            Reply.esc(CLOSING, "4.7.0", "Temporary authentication failure");

    /// A second AUTH (RFC 4954 §4).
    public static final Reply ALREADY_AUTHENTICATED =
            Reply.esc(503, "5.5.1", "Invalid command: Already authenticated");

    /// AUTH in clear (RFC 4954 §6).
    public static final Reply ENCRYPTION_NEEDED =
            Reply.esc(538, "5.7.11", "Encryption required for requested authentication mechanism");

    /// The client gives up an AUTH with `*` (RFC 4954 §4).
    public static final Reply AUTH_CANCELLED =
            Reply.esc(501, "5.5.2", "Syntax error: Authentication cancelled");

    /// RFC 4954 §4: base64, and nothing else.
    public static final Reply BAD_BASE64 = Reply.esc(501, "5.5.2", "Syntax error: base64 expected");

    /// RFC 4954 §4.5.1.
    public static final Reply AUTH_LINE_TOO_LONG =
            Reply.esc(500, "5.5.6", "Authentication exchange line is too long");

    /// More failed AUTH than an address or a user may have.
    public static final Reply TOO_MANY_FAILURES =
            Reply.esc(CLOSING, "4.7.0", "Too many failed authentications, try again later");

    /// More mails than a client may bring in a while.
    public static final Reply TOO_MANY_MAILS_NOW =
            Reply.esc(450, "4.7.0", "Too many messages from your address, try again later");

    /// `listen … senders`: not as this sender. OpenSMTPD: without an enhanced code.
    public static final Reply SENDER_REJECTED = Reply.esc(530, "5.7.1", "Sender rejected");

    private Replies() {}

    /// Why a connection is not taken in.
    public static Reply limited(SmtpLimit limit) {
        return switch (limit) {
            case SESSIONS_PER_CLIENT -> TOO_MANY_OF_CLIENT;
            case SESSIONS_PER_NETWORK -> TOO_MANY_OF_NETWORK;
            case CONNECTS_PER_MINUTE -> TOO_MANY_CONNECTIONS;
            case SESSIONS,
                    MAILS_PER_MINUTE,
                    ERRORS,
                    COMMANDS,
                    AUTH_FAILURES,
                    AUTH_FAILURES_PER_USER,
                    IDLE,
                    SESSION_TIME,
                    GREET_DELAY ->
                    TOO_MANY_SESSIONS;
        };
    }

    /// AUTH by a mechanism that is not offered (RFC 4954 §4).
    public static Reply noSuchMechanism(String word) {
        return Reply.esc(
                504,
                "5.7.4",
                "Security features not supported: AUTH method \"" + word + "\" not supported");
    }

    /// AUTH with something that is no message of its mechanism.
    public static Reply badAuthentication(String reason) {
        return Reply.esc(501, "5.5.2", "Syntax error: " + reason);
    }

    /// AUTH goes on (RFC 4954 §4).
    ///
    /// @param base64 may be empty
    public static Reply challenge(String base64) {
        return Reply.of(334, base64);
    }

    /// The banner (RFC 5321 §4.2.1).
    public static Reply banner(Terms terms) {
        return Reply.of(220, terms.hostname() + (terms.lmtp() ? " LMTP" : " ESMTP") + " smtpd");
    }

    /// HELO and the first line of EHLO.
    public static String pleased(Facts facts, String name) {
        return facts.terms().hostname()
                + " Hello "
                + name
                + " ["
                + facts.client().address()
                + "], pleased to meet you";
    }

    /// A chunk has arrived (RFC 3030 §2).
    public static Reply chunk(long octets) {
        return Reply.esc(250, "2.0.0", octets + " octets received");
    }

    /// The message is ours now.
    public static Reply accepted(MsgId msgid) {
        return Reply.esc(250, "2.0.0", msgid + " Message accepted for delivery");
    }

    /// `reply`, naming the recipient it is about.
    public static Reply about(MailAddr rcpt, Reply reply) {
        List<String> lines = new ArrayList<>(reply.lines());
        lines.add(lines.removeLast() + ": <" + rcpt + ">");
        return new Reply(reply.code(), reply.esc(), lines);
    }
}
