package smtpd.core.smtp;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;

import java.time.Instant;
import java.time.ZoneId;

/// The trace header of a message we accept (RFC 5321 §4.4), in the shape of OpenSMTPD:
///
/// ```
/// Received: from helo (ptr [192.0.2.1])
///     by host (software) with ESMTPS id 0badcafe (TLSv1.3:suite:256:NO);
///     Thu, 1 Jan 2026 00:00:00 +0000 (UTC)
/// ```
///
/// @param from the client; null to leave it out (`mask-src`)
/// @param by the server
/// @param with how they spoke
/// @param rcpt the recipient, given only if the transaction has exactly one; null otherwise
/// @param msgid the message's id
/// @param date when it was accepted, as [Rfc5322Date] writes it
public record Received(
        @Nullable Client from,
        Server by,
        With with,
        @Nullable MailAddr rcpt,
        MsgId msgid,
        String date) {

    /// Longest piece of a stranger's text in the header, in characters; keeps each line below the
    /// 998 of RFC 5322 §2.1.1.
    private static final int TEXT_MAX = 320;

    /// Who sent it.
    ///
    /// @param helo its HELO argument
    /// @param ptr its reverse name, or `<unknown>`
    /// @param address its address, or `local`
    public record Client(String helo, String ptr, String address) {}

    /// Who took it.
    ///
    /// @param host the name the listener gives itself
    /// @param software what is told of the program
    public record Server(String host, String software) {}

    /// What greeting the session began with.
    public enum Dialect {
        /// HELO.
        SMTP,
        /// EHLO.
        ESMTP,
        /// LHLO.
        LMTP
    }

    /// How client and server spoke.
    ///
    /// @param dialect the greeting
    /// @param utf8 whether SMTPUTF8 was used
    /// @param tls what is told of TLS, `TLSv1.3:TLS_AES_256_GCM_SHA384:256:NO` (version, suite,
    ///   bits, client verified), the keyword says S then; null without TLS
    /// @param authenticated whether the client authenticated: the keyword says A
    /// @param user the authenticated user to name; null to leave it out
    public record With(
            Dialect dialect,
            boolean utf8,
            @Nullable String tls,
            boolean authenticated,
            @Nullable String user) {
        /// The keyword of RFC 3848, with UTF8 in front by RFC 6531 §4.3. Plain SMTP has no
        /// variants: it knows no extension.
        public String keyword() {
            String base =
                    switch (dialect) {
                        case SMTP -> "SMTP";
                        case ESMTP -> utf8 ? "UTF8SMTP" : "ESMTP";
                        case LMTP -> utf8 ? "UTF8LMTP" : "LMTP";
                    };
            boolean plain = dialect == Dialect.SMTP && tls == null && !authenticated;
            String stem = plain || dialect != Dialect.SMTP ? base : "ESMTP";
            return stem + (tls == null ? "" : "S") + (authenticated ? "A" : "");
        }
    }

    /// The date text for `time` in `zone`.
    public static String date(Instant time, ZoneId zone) {
        return Rfc5322Date.format(time, zone);
    }

    /// The whole header field with CRLF line ends; text of others is bounded and cannot end a line.
    public String header() {
        StringBuilder out = new StringBuilder(320).append("Received: ");
        if (from != null) {
            out.append("from ").append(text(from.helo()));
            out.append(" (").append(comment(from.ptr())).append(" [");
            out.append(from.address().indexOf(':') >= 0 ? "IPv6:" : "");
            out.append(comment(from.address())).append("])\r\n\t");
        }
        out.append("by ").append(text(by.host()));
        out.append(" (").append(comment(by.software())).append(") with ");
        out.append(with.keyword()).append(" id ").append(msgid);
        if (with.tls() != null) {
            out.append(" (").append(comment(with.tls())).append(')');
        }
        if (with.user() != null) {
            out.append(" auth=yes user=").append(text(with.user()));
        }
        if (rcpt != null) {
            out.append("\r\n\tfor <").append(Printable.line(rcpt.toString())).append('>');
        }
        return out.append(";\r\n\t").append(date).append("\r\n").toString();
    }

    private static String text(String stranger) {
        return Printable.escape(stranger, TEXT_MAX);
    }

    /// Text within a comment: a parenthesis would end it.
    private static String comment(String stranger) {
        return text(stranger).replace('(', '_').replace(')', '_');
    }
}
