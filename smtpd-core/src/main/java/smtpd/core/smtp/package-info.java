/// The language of SMTP: commands, replies, addresses, lines and the dot transparency of RFC 5321,
/// shared by everyone who speaks it: the smtp server, the mta client, lmtp delivery and sendmail.
/// Pure values and machines; only [smtpd.core.smtp.LineReader] and [smtpd.core.smtp.ReplyReader]
/// read from a stream handed to them.
///
/// Standards: RFC 5321, RFC 1870, RFC 2034, RFC 2920, RFC 3030, RFC 3461, RFC 3848, RFC 6152, RFC
/// 6531.
///
/// Start reading at [smtpd.core.smtp.CommandParser] and [smtpd.core.smtp.DotDecoder].
@NullMarked
package smtpd.core.smtp;

import org.jspecify.annotations.NullMarked;
