package smtpd.queue;

import static smtpd.queue.BounceComposer.line;

import smtpd.core.mail.Envelope;
import smtpd.core.mail.Envelope.BounceKind;
import smtpd.core.mail.Envelope.Story;
import smtpd.core.mail.Envelope.Target;
import smtpd.core.mail.MailAddr;
import smtpd.core.smtp.Rfc5322Date;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.regex.Pattern;

/// The part of a report that programs read: delivery status fields (RFC 3464 §2), one group about
/// the message and one for each recipient. Pure.
///
/// @param hostname this server's name
record StatusFields(String hostname) {
    /// Characters of a field's text; a line of a message has at most 998 (RFC 5322 §2.1.1).
    static final int TEXT_MAX = 500;

    /// How a reply to an SMTP command begins (RFC 5321 §4.2).
    private static final Pattern REPLY = Pattern.compile("[2-5][0-9][0-9]([ -].*)?");

    /// The fields of all recipients of a report.
    String of(BounceComposer.Report report) {
        StringBuilder out = new StringBuilder(1024);
        boolean global = report.isGlobal();
        line(out, "Reporting-MTA: dns; " + hostname);
        String envid = report.first().dsn().envid();
        if (!envid.isEmpty()) {
            line(out, "Original-Envelope-Id: " + ascii(envid));
        }
        line(out, "Arrival-Date: " + date(report.first().created()));
        for (Envelope envelope : report.about()) {
            line(out, "");
            recipient(out, report.kind(), envelope, global);
        }
        return out.toString();
    }

    private static void recipient(
            StringBuilder out, BounceKind kind, Envelope envelope, boolean global) {
        String orcpt = envelope.dsn().orcpt();
        if (!orcpt.isEmpty()) {
            line(out, "Original-Recipient: " + (global ? utf8(orcpt) : ascii(orcpt)));
        }
        line(out, "Final-Recipient: " + address(envelope.dest(), global));
        line(out, "Action: " + action(kind));
        line(out, "Status: " + envelope.state().status());
        Story story = story(envelope);
        if (!story.remote().isEmpty()) {
            line(out, "Remote-MTA: dns; " + ascii(story.remote()));
        }
        String said = envelope.state().errorLine();
        if (!said.isEmpty() && (kind == BounceKind.FAILED || kind == BounceKind.DELAYED)) {
            line(out, "Diagnostic-Code: " + diagnosticType(story, said) + "; " + ascii(said));
        }
        if (story.lastTry().isAfter(Instant.EPOCH)) {
            line(out, "Last-Attempt-Date: " + date(story.lastTry()));
        }
        if (kind == BounceKind.DELAYED) {
            line(out, "Will-Retry-Until: " + date(envelope.expiry()));
        }
    }

    /// RFC 3464 §2.3.2; an address that is not ASCII as RFC 6533 §3 has it, in full or, where the
    /// report is ASCII, with its characters as `\x{…}`.
    private static String address(MailAddr address, boolean global) {
        String text = address.toString();
        if (BounceComposer.isAscii(text)) {
            return "rfc822; " + ascii(text);
        }
        return "utf-8; " + (global ? utf8(text) : ascii(text));
    }

    /// RFC 3464 §2.3.6: `smtp` for what a server replied, and an X- type for words of ours.
    private static String diagnosticType(Story story, String said) {
        boolean reply =
                switch (story.cause()) {
                    case REMOTE, EXPIRED -> REPLY.matcher(said).matches();
                    case LOCAL -> false;
                };
        return reply ? "smtp" : "X-smtpd";
    }

    static Story story(Envelope envelope) {
        return envelope.target() instanceof Target.Bounce bounce ? bounce.story() : Story.UNKNOWN;
    }

    private static String action(BounceKind kind) {
        return switch (kind) {
            case FAILED -> "failed";
            case DELAYED -> "delayed";
            case DELIVERED -> "delivered";
            case RELAYED -> "relayed";
        };
    }

    static String date(Instant time) {
        return Rfc5322Date.format(time, ZoneOffset.UTC);
    }

    /// One bounded line of visible ASCII; what is neither is shown as `\x{…}` (RFC 6533 §3).
    static String ascii(String text) {
        return one(text, 0x7f);
    }

    /// One bounded line, visible characters of all kinds left as they are.
    static String utf8(String text) {
        return one(smtpd.core.smtp.Printable.line(text), Character.MAX_CODE_POINT + 1);
    }

    private static String one(String text, int from) {
        StringBuilder out = new StringBuilder(Math.min(text.length(), TEXT_MAX));
        for (int i = 0; i < text.length(); ) {
            int point = text.codePointAt(i);
            String piece =
                    point >= ' ' && point < from && point != 0x7f
                            ? Character.toString(point)
                            : "\\x{"
                                    + Integer.toHexString(point).toUpperCase(java.util.Locale.ROOT)
                                    + "}";
            if (out.length() + piece.length() > TEXT_MAX) {
                return out.append("...").toString();
            }
            out.append(piece);
            i += Character.charCount(point);
        }
        return out.toString();
    }
}
