package smtpd.queue;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Envelope.BounceKind;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;
import smtpd.core.message.BodyFold;
import smtpd.core.smtp.Rfc5322Date;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;

/// Writes a delivery report in a multipart/report (RFC 6522): words for a person, fields for a
/// program, and what was sent. Pure; every text it is given is treated as hostile: one line,
/// printable, bounded.
///
/// A sender whose own address is not ASCII gets the forms of RFC 6533, as a report to that address
/// travels by SMTPUTF8 anyway; all others get RFC 3464, with addresses in its ASCII form.
///
/// @param hostname this server's name
record BounceComposer(String hostname) {
    private static final String CRLF = "\r\n";

    /// One report.
    ///
    /// @param id the report's own message id
    /// @param kind what it tells
    /// @param about the envelopes it tells of, of one message; at least one
    /// @param now the time
    record Report(MsgId id, BounceKind kind, List<Envelope> about, Instant now) {
        Envelope first() {
            return about.getFirst();
        }

        /// Unique among all parts of all messages: it has the report's own id in it.
        private String boundary() {
            return id + "." + Long.toHexString(now.toEpochMilli()) + "/report";
        }

        /// Whether the whole message is to be returned (RFC 3461 §4.3): only of a failure, only if
        /// it was asked for.
        boolean returnsContent() {
            return kind == BounceKind.FAILED && first().dsn().ret() == Dsn.Ret.FULL;
        }

        /// Whether it is written in the forms of RFC 6533.
        boolean isGlobal() {
            return !isAscii(first().sender().toString());
        }
    }

    /// What of the original a report returns.
    ///
    /// @param extent how much
    /// @param eightBit whether it has octets that are not ASCII
    /// @param global whether its header has some
    /// @param messageId its Message-ID with angle brackets, or empty
    record Original(Extent extent, boolean eightBit, boolean global, String messageId) {
        /// How much of the original there is.
        enum Extent {
            /// All of it.
            WHOLE,
            /// Its header: no more was asked for.
            HEADER,
            /// Its header: all of it would be too large.
            CUT
        }
    }

    /// Everything before the returned message or header.
    Bytes head(Report report, Original original) {
        StringBuilder out = new StringBuilder(4096);
        header(out, report, original);
        words(out, report, original);
        fields(out, report);
        original(out, report, original);
        return Bytes.of(out.toString());
    }

    /// Everything after it.
    Bytes tail(Report report) {
        return Bytes.of(CRLF + "--" + report.boundary() + "--" + CRLF);
    }

    private void header(StringBuilder out, Report report, Original original) {
        line(out, "From: Mail Delivery Subsystem <MAILER-DAEMON@" + hostname + ">");
        line(out, "To: " + recipient(report.first().sender()));
        line(out, "Subject: " + subject(report.kind()));
        line(out, "Date: " + Rfc5322Date.format(report.now(), ZoneOffset.UTC));
        String stamp = Long.toHexString(report.now().toEpochMilli());
        line(out, "Message-ID: <" + report.id() + "." + stamp + "@" + hostname + ">");
        if (!original.messageId().isEmpty()) {
            line(out, "In-Reply-To: " + original.messageId());
            line(out, "References: " + original.messageId());
        }
        // RFC 3834 §5: so that no program answers it.
        line(out, "Auto-Submitted: auto-replied");
        line(out, "MIME-Version: 1.0");
        line(out, "Content-Type: multipart/report; report-type=delivery-status;");
        line(out, " boundary=\"" + report.boundary() + "\"");
        if (original.eightBit() || report.isGlobal()) {
            line(out, "Content-Transfer-Encoding: 8bit");
        }
        line(out, "");
        line(out, "This is a report about a message, for programs that read MIME.");
    }

    /// The sender as an address of a header, never more than one line.
    private static String recipient(MailAddr sender) {
        return StatusFields.utf8(sender.toString());
    }

    private static String subject(BounceKind kind) {
        return switch (kind) {
            case FAILED -> "Your message could not be delivered";
            case DELAYED -> "Your message is delayed and still being tried";
            case DELIVERED -> "Your message was delivered";
            case RELAYED -> "Your message was handed on";
        };
    }

    private static void part(StringBuilder out, Report report, String description, String type) {
        line(out, "");
        line(out, "--" + report.boundary());
        line(out, "Content-Description: " + description);
        line(out, "Content-Type: " + type);
    }

    private void words(StringBuilder out, Report report, Original original) {
        String text = new ReportText(hostname).words(report, original.extent());
        part(out, report, "What has happened", "text/plain; charset=utf-8");
        if (isAscii(text)) {
            line(out, "");
            out.append(text);
        } else {
            line(out, "Content-Transfer-Encoding: quoted-printable");
            line(out, "");
            out.append(quotedPrintable(text));
        }
    }

    private static String quotedPrintable(String text) {
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        BodyFold encoder = new BodyFold(encoded::write);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        encoder.write(bytes, 0, bytes.length);
        encoder.finish();
        return encoded.toString(StandardCharsets.US_ASCII);
    }

    private void fields(StringBuilder out, Report report) {
        if (report.isGlobal()) {
            part(out, report, "Delivery report", "message/global-delivery-status; charset=utf-8");
            line(out, "Content-Transfer-Encoding: 8bit");
        } else {
            part(out, report, "Delivery report", "message/delivery-status");
        }
        line(out, "");
        out.append(new StatusFields(hostname).of(report));
    }

    /// RFC 6522 §3: the message as message/rfc822, or its header as text/rfc822-headers; RFC 6533
    /// §4 and §5 where its header is not ASCII.
    private static void original(StringBuilder out, Report report, Original original) {
        boolean whole = original.extent() == Original.Extent.WHOLE;
        String type =
                original.global()
                        ? whole ? "message/global" : "message/global-headers"
                        : whole ? "message/rfc822" : "text/rfc822-headers";
        part(out, report, whole ? "Your message" : "The header of your message", type);
        if (original.eightBit()) {
            line(out, "Content-Transfer-Encoding: 8bit");
        }
        line(out, "");
    }

    static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 0x80);
    }

    static void line(StringBuilder out, String text) {
        out.append(text).append(CRLF);
    }
}
