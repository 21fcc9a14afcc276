/// The SMTP server: accepts mail from clients and local users.
///
/// # Purpose
///
/// Speaks SMTP with whoever connects to a listening socket, and with local users whose socket
/// control hands over. Asks lka about every client and recipient, streams the content to the queue,
/// and says 250 when the queue has it on stable storage.
///
/// # Runs as
///
/// `_smtpd`, without files; it accepts on the sockets the parent opened and can neither bind nor
/// connect.
///
/// # Peers
///
/// lka, queue, ca, control.
///
/// # Trusts
///
/// lka for what becomes of a recipient, the queue for what is durable, control for who a local user
/// is. Nothing a client says.
///
/// # Standards
///
/// RFC 5321; RFC 1870 (SIZE), RFC 2034 and RFC 3463 (ENHANCEDSTATUSCODES), RFC 2920 (PIPELINING),
/// RFC 3030 §2 (CHUNKING), RFC 3461 (DSN), RFC 6152 (8BITMIME), RFC 6531 (SMTPUTF8), RFC 9422
/// (LIMITS), RFC 2033 (LMTP), RFC 3848 (with), RFC 6409 §8 (completion of submitted mail), RFC 4954
/// (AUTH) with RFC 4616 (PLAIN), RFC 5802 and RFC 7677 (SCRAM-SHA-256); the PROXY protocol.
///
/// # Diagnostics
///
/// One line for each event of a session: [smtpd.smtp.protocol.MailLog]. `smtpctl trace smtp` shows
/// every command and reply. Statistics `smtp.session`, `smtp.session.inet4`, `.inet6`, `.local`,
/// `smtp.tls`, `smtp.smtps`, `smtp.auth.accepted`, `.rejected`, and `smtp.limit.NAME` for refusals
/// by `smtp limit NAME`.
///
/// # Configuration
///
/// `listen on …`, `smtp …`; what is not configured is in [smtpd.smtp.protocol.Limits].
///
/// # Start reading at
///
/// [smtpd.smtp.SmtpSession]; then `smtpd.smtp.verb.Verbs` and what it names. A new command or
/// extension is a file there and a line in `Verbs`.
@NullMarked
package smtpd.smtp;

import org.jspecify.annotations.NullMarked;
