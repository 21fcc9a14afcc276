package smtpd.queue;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.Delay;
import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Envelope.BounceKind;
import smtpd.core.mail.MsgId;
import smtpd.core.smtp.Rfc5322Date;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;

/// Writes a delivery report (RFC 3464) in a multipart/report (RFC 6522): words for a person, fields
/// for a program, and what was sent. Pure; every text it is given is treated as hostile: one line,
/// printable, bounded.
///
/// @param hostname this server's name
record BounceComposer(String hostname) {
    /// Characters of one line of remote text.
    private static final int TEXT_MAX = 500;

    private static final String CRLF = "\r\n";

    /// One report.
    ///
    /// @param id the report's own message id
    /// @param kind what it tells
    /// @param about the envelopes it tells of, of one message; at least one
    /// @param now the time
    record Report(MsgId id, BounceKind kind, List<Envelope> about, Instant now) {
        private Envelope first() {
            return about.getFirst();
        }

        private String boundary() {
            return id + "." + Long.toHexString(now.toEpochMilli()) + "/report";
        }

        /// Whether the whole message is to be returned (RFC 3461 §4.3): only of a failure, only if
        /// it was asked for.
        boolean returnsContent() {
            return kind == BounceKind.FAILED && first().dsn().ret() == Dsn.Ret.FULL;
        }
    }

    /// Everything before the returned message or header.
    Bytes head(Report report) {
        StringBuilder out = new StringBuilder(2048);
        header(out, report);
        part(out, report, "text/plain; charset=utf-8");
        words(out, report);
        part(out, report, "message/delivery-status");
        fields(out, report);
        part(out, report, report.returnsContent() ? "message/rfc822" : "text/rfc822-headers");
        return Bytes.of(out.toString());
    }

    /// Everything after it.
    Bytes tail(Report report) {
        return Bytes.of(CRLF + "--" + report.boundary() + "--" + CRLF);
    }

    private void header(StringBuilder out, Report report) {
        line(out, "From: Mail Delivery Subsystem <MAILER-DAEMON@" + hostname + ">");
        line(out, "To: " + one(report.first().sender().toString()));
        line(out, "Subject: " + subject(report.kind()));
        line(out, "Date: " + Rfc5322Date.format(report.now(), ZoneOffset.UTC));
        line(
                out,
                "Message-ID: <"
                        + report.id()
                        + "."
                        + Long.toHexString(report.now().toEpochMilli())
                        + "@"
                        + hostname
                        + ">");
        line(out, "Auto-Submitted: auto-replied");
        line(out, "MIME-Version: 1.0");
        line(out, "Content-Type: multipart/report; report-type=delivery-status;");
        line(out, " boundary=\"" + report.boundary() + "\"");
        line(out, "");
        line(out, "This is a report about a message, for programs that read MIME.");
    }

    private static String subject(BounceKind kind) {
        return switch (kind) {
            case FAILED -> "Delivery status notification: failure";
            case DELAYED -> "Delivery status notification: delay";
            case DELIVERED -> "Delivery status notification: success";
            case RELAYED -> "Delivery status notification: relayed";
        };
    }

    private static void part(StringBuilder out, Report report, String type) {
        line(out, "");
        line(out, "--" + report.boundary());
        line(out, "Content-Type: " + type);
        line(out, "");
    }

    private void words(StringBuilder out, Report report) {
        line(out, "This is the mail server at " + hostname + ".");
        line(out, "");
        switch (report.kind()) {
            case FAILED -> {
                line(out, "Your message could not be delivered to the recipients below.");
                line(out, "It will not be tried again.");
            }
            case DELAYED -> {
                line(out, "Your message has not been delivered to the recipients below yet.");
                line(
                        out,
                        "You need not send it again: it is kept and tried for up to "
                                + Delay.text(report.first().ttl())
                                + ".");
            }
            case DELIVERED -> line(out, "Your message was delivered to the recipients below.");
            case RELAYED -> {
                line(out, "Your message was handed to the servers of the recipients below.");
                line(out, "Those do not report deliveries: this is the last you hear from here.");
            }
        }
        line(out, "");
        for (Envelope envelope : report.about()) {
            line(out, "    " + one(envelope.dest().toString()));
            if (!envelope.state().errorLine().isEmpty()) {
                line(out, "        " + one(envelope.state().errorLine()));
            }
        }
    }

    private void fields(StringBuilder out, Report report) {
        line(out, "Reporting-MTA: dns; " + hostname);
        if (!report.first().dsn().envid().isEmpty()) {
            line(out, "Original-Envelope-Id: " + one(report.first().dsn().envid()));
        }
        line(out, "Arrival-Date: " + Rfc5322Date.format(report.first().created(), ZoneOffset.UTC));
        for (Envelope envelope : report.about()) {
            line(out, "");
            recipient(out, report, envelope);
        }
    }

    private static void recipient(StringBuilder out, Report report, Envelope envelope) {
        if (!envelope.dsn().orcpt().isEmpty()) {
            line(out, "Original-Recipient: " + one(envelope.dsn().orcpt()));
        }
        line(out, "Final-Recipient: rfc822; " + one(envelope.dest().toString()));
        line(out, "Action: " + action(report.kind()));
        line(out, "Status: " + envelope.state().status());
        if (!envelope.state().errorLine().isEmpty()) {
            line(out, "Diagnostic-Code: smtp; " + one(envelope.state().errorLine()));
        }
        if (report.kind() == BounceKind.DELAYED) {
            line(out, "Will-Retry-Until: " + Rfc5322Date.format(envelope.expiry(), ZoneOffset.UTC));
        }
    }

    private static String action(BounceKind kind) {
        return switch (kind) {
            case FAILED -> "failed";
            case DELAYED -> "delayed";
            case DELIVERED -> "delivered";
            case RELAYED -> "relayed";
        };
    }

    /// One bounded line without control characters.
    private static String one(String text) {
        StringBuilder clean = new StringBuilder(Math.min(text.length(), TEXT_MAX));
        text.chars()
                .limit(TEXT_MAX)
                .forEach(c -> clean.append(c < 0x20 || c == 0x7f ? '?' : (char) c));
        return clean.toString();
    }

    private static void line(StringBuilder out, String text) {
        out.append(text).append(CRLF);
    }
}
