/// The mta process: delivers mail to other servers.
///
/// # Purpose
///
/// Takes envelopes from the queue, finds out which hosts take them, and hands them over in as few
/// connections as the limits and the peers allow. A session belongs to a route (source address,
/// host address, port, policy, helo name), and serves every domain whose mail exchangers lead
/// there.
///
/// # Runs as
///
/// `_smtpd`; it may connect to other hosts, and nothing else: no listening socket, no file.
///
/// # Peers
///
/// queue (envelopes, content, results), lka (DNS and tables), ca (signatures for client
/// certificates), control (statistics, listings).
///
/// # Trusts
///
/// The queue for envelopes and content, lka for names and addresses. Remote servers are trusted
/// with nothing: replies are bounded, made printable, and waited for only so long.
///
/// # Standards
///
/// RFC 5321 (client side), RFC 1870 SIZE, RFC 2033 LMTP, RFC 2034 enhanced status codes, RFC 2920
/// PIPELINING, RFC 3030 CHUNKING, RFC 3207 STARTTLS, RFC 3461 DSN, RFC 4954 AUTH, RFC 6152
/// 8BITMIME, RFC 6531 SMTPUTF8, RFC 7505 null MX, RFC 7672 DANE, RFC 8461 MTA-STS, RFC 9422 LIMITS.
///
/// # Diagnostics
///
/// One log line for each step of a session and for each delivery ([smtpd.mta.MailLog]); statistics
/// under `mta.`; `smtpctl show relays`, `show routes`, `show hosts`, `show hoststats`.
///
/// # Configuration
///
/// `action NAME relay …`, `mta limit …`, `mta max-deferred`: see [smtpd.mta.MtaConfig].
///
/// # Start reading at
///
/// [smtpd.mta.MtaAgent], what happens to an envelope; [smtpd.mta.Router], who is connected to and
/// when; [smtpd.mta.MtaSession], how a server is talked to.
@NullMarked
package smtpd.mta;

import org.jspecify.annotations.NullMarked;
