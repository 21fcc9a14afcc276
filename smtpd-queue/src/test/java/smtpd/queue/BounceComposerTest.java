package smtpd.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;

import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Envelope.BounceKind;
import smtpd.core.mail.Envelope.State;
import smtpd.core.mail.Esc;
import smtpd.core.mail.MsgId;

import java.time.Instant;
import java.util.List;
import java.util.Set;

class BounceComposerTest {
    private final BounceComposer composer = new BounceComposer("mx.example");

    private static BounceComposer.Report report(String text, Dsn.Ret ret) {
        Dsn dsn = new Dsn(Set.of(), ret, "envelope-1", "rfc822;first@d.example");
        State state = new State(0, Instant.EPOCH, Instant.EPOCH, new Esc(5, 1, 1), text, false);
        Envelope envelope =
                QueueRig.envelope(new MsgId(1), "a@b.example", "c@d.example", dsn).with(state);
        return new BounceComposer.Report(
                new MsgId(0x1234abcd), BounceKind.FAILED, List.of(envelope), QueueRig.START);
    }

    @Test
    void aFailureReadsLikeThis() {
        String expected =
                """
                From: Mail Delivery Subsystem <MAILER-DAEMON@mx.example>
                To: a@b.example
                Subject: Delivery status notification: failure
                Date: Thu, 5 Mar 2026 10:20:30 +0000 (UTC)
                Message-ID: <1234abcd.19cbda6b0b0@mx.example>
                Auto-Submitted: auto-replied
                MIME-Version: 1.0
                Content-Type: multipart/report; report-type=delivery-status;
                 boundary="1234abcd.19cbda6b0b0/report"

                This is a report about a message, for programs that read MIME.

                --1234abcd.19cbda6b0b0/report
                Content-Type: text/plain; charset=utf-8

                This is the mail server at mx.example.

                Your message could not be delivered to the recipients below.
                It will not be tried again.

                    c@d.example
                        550 no such user

                --1234abcd.19cbda6b0b0/report
                Content-Type: message/delivery-status

                Reporting-MTA: dns; mx.example
                Original-Envelope-Id: envelope-1
                Arrival-Date: Thu, 5 Mar 2026 10:20:30 +0000 (UTC)

                Original-Recipient: rfc822;first@d.example
                Final-Recipient: rfc822; c@d.example
                Action: failed
                Status: 5.1.1
                Diagnostic-Code: smtp; 550 no such user

                --1234abcd.19cbda6b0b0/report
                Content-Type: text/rfc822-headers

                """;
        String stamp = Long.toHexString(QueueRig.START.toEpochMilli());
        assertEquals(
                expected.replace("19cbda6b0b0", stamp).replace("\n", "\r\n"),
                composer.head(report("550 no such user", Dsn.Ret.HDRS)).utf8());
    }

    @Test
    void theWholeMessageComesBackOnlyIfAskedFor() {
        String full = composer.head(report("550 no", Dsn.Ret.FULL)).utf8();
        assertEquals("message/rfc822\r\n\r\n", full.substring(full.lastIndexOf("message/")));
        assertFalse(report("550 no", Dsn.Ret.UNSPECIFIED).returnsContent());
    }

    @Test
    void remoteTextCannotAddLines() {
        String text = composer.head(report("550 no\r\nBcc: x@y.example", Dsn.Ret.HDRS)).utf8();
        assertFalse(text.contains("\r\nBcc:"));
    }
}
