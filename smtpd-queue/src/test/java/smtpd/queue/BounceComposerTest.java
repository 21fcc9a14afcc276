package smtpd.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Envelope.BounceKind;
import smtpd.core.mail.Envelope.Cause;
import smtpd.core.mail.Envelope.State;
import smtpd.core.mail.Envelope.Story;
import smtpd.core.mail.Envelope.Target;
import smtpd.core.mail.Esc;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;
import smtpd.queue.BounceComposer.Original;
import smtpd.queue.BounceComposer.Original.Extent;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;

class BounceComposerTest {
    private static final Original HEADER = new Original(Extent.HEADER, false, false, "");
    private static final Instant TRIED = QueueRig.START.plusSeconds(7);

    private final BounceComposer composer = new BounceComposer("mx.example");

    /// One envelope of a report.
    private static Envelope about(
            BounceKind kind, String sender, String rcpt, Esc status, String text, Story story) {
        Dsn dsn = new Dsn(Set.of(), Dsn.Ret.UNSPECIFIED, "envelope-1", "rfc822;first@d.example");
        Envelope plain = QueueRig.envelope(new MsgId(1), sender, rcpt, dsn);
        return new Envelope(
                plain.id(),
                plain.origin(),
                plain.sender(),
                plain.rcpt(),
                plain.dest(),
                new Target.Bounce(kind, Duration.ZERO, story),
                plain.dsn(),
                plain.created(),
                plain.ttl(),
                new State(0, Instant.EPOCH, Instant.EPOCH, status, text, false));
    }

    private static Envelope failed(String rcpt, Esc status, String text, Story story) {
        return about(BounceKind.FAILED, "a@b.example", rcpt, status, text, story);
    }

    private static Story remote(String server) {
        return new Story(Cause.REMOTE, server, TRIED, Instant.EPOCH);
    }

    private static BounceComposer.Report report(Envelope... about) {
        BounceKind kind = ((Target.Bounce) about[0].target()).kind();
        return new BounceComposer.Report(
                new MsgId(0x1234abcd), kind, List.of(about), QueueRig.START.plusSeconds(9));
    }

    private String head(Envelope... about) {
        return composer.head(report(about), HEADER).utf8();
    }

    private static void isGolden(String name, String text) {
        String resource = "reports/" + name + ".txt";
        if (Boolean.getBoolean("golden.update")) {
            try {
                Files.writeString(
                        Path.of("src/test/resources/smtpd/queue", resource),
                        text.replace("\r\n", "\n"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return;
        }
        try (InputStream in = BounceComposerTest.class.getResourceAsStream(resource)) {
            String golden =
                    new String(
                            Objects.requireNonNull(in, resource).readAllBytes(),
                            StandardCharsets.UTF_8);
            assertEquals(golden.replace("\n", "\r\n"), text, "update with -Dgolden.update=true");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void everyLineIsOne(String text) {
        for (String line : text.split("\r\n", -1)) {
            assertTrue(line.length() <= 998, "a line of " + line.length());
            assertTrue(line.indexOf('\r') < 0 && line.indexOf('\n') < 0, line);
        }
    }

    @Test
    @DisplayName("F-92: a report says that it is automatic, so that nothing answers it")
    void aReportIsAutomatic() {
        String text = head(failed("c@d.example", new Esc(5, 1, 1), "550 no", remote("")));
        assertTrue(
                text.substring(0, text.indexOf("\r\n\r\n"))
                        .contains("\r\nAuto-Submitted: auto-replied\r\n"));
    }

    @Test
    void aFailureReadsLikeThis() {
        Envelope one =
                failed(
                        "c@d.example",
                        new Esc(5, 1, 1),
                        "550 5.1.1 no such user",
                        remote("mx.d.example"));
        isGolden("failure", head(one));
    }

    @Test
    void everyWayToFailStandsInOneReport() {
        Envelope alias =
                failed(
                        "full@e.example",
                        new Esc(5, 2, 2),
                        "552 5.2.2 quota",
                        remote("[192.0.2.7]"));
        Envelope behind =
                new Envelope(
                        alias.id(),
                        alias.origin(),
                        alias.sender(),
                        MailAddr.of("team@b.example"),
                        alias.dest(),
                        alias.target(),
                        alias.dsn(),
                        alias.created(),
                        alias.ttl(),
                        alias.state());
        isGolden(
                "every-way",
                head(
                        failed(
                                "c@d.example",
                                new Esc(5, 1, 1),
                                "550 5.1.1 no such user",
                                remote("mx.d.example")),
                        failed(
                                "d@d.example",
                                new Esc(5, 1, 1),
                                "550 5.1.1 no such user",
                                remote("mx.d.example")),
                        behind,
                        failed(
                                "nobody@none.example",
                                new Esc(5, 1, 2),
                                "Domain does not exist",
                                remote("")),
                        failed(
                                "disk@here.example",
                                new Esc(5, 2, 0),
                                "maildir: cannot be written",
                                new Story(Cause.LOCAL, "", TRIED, Instant.EPOCH)),
                        failed(
                                "round@here.example",
                                new Esc(5, 4, 6),
                                "Loop detected",
                                new Story(Cause.LOCAL, "", TRIED, Instant.EPOCH)),
                        failed(
                                "late@dead.example",
                                new Esc(4, 4, 1),
                                "Connection failed: Connection refused",
                                new Story(Cause.EXPIRED, "", TRIED, TRIED)),
                        failed(
                                "never@dead.example",
                                new Esc(5, 4, 7),
                                "",
                                new Story(Cause.EXPIRED, "", Instant.EPOCH, Instant.EPOCH))));
    }

    @Test
    void delaySuccessAndRelayedReadLikeThis() {
        Story story = remote("mx.d.example");
        Esc ok = new Esc(2, 0, 0);
        isGolden(
                "delayed",
                head(
                        about(
                                BounceKind.DELAYED,
                                "a@b.example",
                                "c@d.example",
                                new Esc(4, 3, 2),
                                "450 4.3.2 later",
                                story)));
        isGolden(
                "delivered",
                head(
                        about(
                                BounceKind.DELIVERED,
                                "a@b.example",
                                "c@here.example",
                                ok,
                                "Delivered",
                                story)));
        isGolden(
                "relayed",
                head(about(BounceKind.RELAYED, "a@b.example", "c@d.example", ok, "250 ok", story)));
    }

    @Test
    @DisplayName("F-40: a sender with an internationalized address gets a report in RFC 6533 form")
    void aGlobalSenderGetsAGlobalReport() {
        isGolden(
                "global",
                composer.head(
                                report(
                                        about(
                                                BounceKind.FAILED,
                                                "jürgen@b.example",
                                                "дед@d.example",
                                                new Esc(5, 6, 7),
                                                "Address cannot be sent to this server",
                                                remote(""))),
                                new Original(Extent.WHOLE, true, true, "<1@b.example>"))
                        .utf8());
    }

    @Test
    void anAsciiSenderGetsAsciiFieldsAboutAnyRecipient() {
        String text = head(failed("дед@d.example", new Esc(5, 1, 1), "550 нет", remote("")));
        assertTrue(BounceComposer.isAscii(text));
        assertTrue(text.contains("Final-Recipient: utf-8; \\x{434}\\x{435}\\x{434}@d.example\r\n"));
        assertTrue(text.contains("Content-Transfer-Encoding: quoted-printable\r\n"));
    }

    @Test
    @DisplayName("F-55 F-84: what a server said cannot add lines, fields or parts, however long")
    void remoteTextCannotAddLines() {
        String hostile =
                "550 no\r\nBcc: x@y.example\r\n\r\n--1234abcd.x/report\u001b[2J\u202e\u0000"
                        + "\ud83d".repeat(50)
                        + "é".repeat(5000);
        String text =
                head(
                        failed("c@d.example", new Esc(5, 0, 0), hostile, remote("x\r\ny")),
                        failed(
                                "x\r\nTo: y@d.example",
                                new Esc(5, 0, 0),
                                "x".repeat(9000),
                                remote("")));
        everyLineIsOne(text);
        assertFalse(text.contains("\r\nBcc:"));
        assertFalse(text.contains("\r\nTo: y@"));
        assertEquals(4, text.split("\r\n--1234abcd", -1).length);
        assertTrue(text.chars().allMatch(c -> c == '\r' || c == '\n' || (c >= ' ' && c < 0x7f)));
    }

    @Test
    void aThousandRecipientsWithOneStoryAreToldItOnce() {
        Envelope[] all = new Envelope[1000];
        Arrays.setAll(
                all,
                i ->
                        failed(
                                "r" + i + "@d.example",
                                new Esc(5, 7, 1),
                                "550 5.7.1 no",
                                remote("mx.d.example")));
        String text = head(all);
        assertEquals(2, text.split("refuses it by its rules", -1).length);
        assertEquals(1001, text.split("\r\nFinal-Recipient:", -1).length);
    }

    @Test
    void theWholeMessageComesBackOnlyOfAFailureAndOnlyIfAskedFor() {
        Envelope failed = failed("c@d.example", new Esc(5, 1, 1), "550 no", remote(""));
        assertFalse(report(failed).returnsContent());
        Dsn full = new Dsn(Set.of(), Dsn.Ret.FULL, "", "");
        assertTrue(report(withDsn(failed, full)).returnsContent());
        Envelope delayed =
                about(
                        BounceKind.DELAYED,
                        "a@b.example",
                        "c@d.example",
                        new Esc(4, 0, 0),
                        "",
                        remote(""));
        assertFalse(report(withDsn(delayed, full)).returnsContent());
    }

    private static Envelope withDsn(Envelope it, Dsn dsn) {
        return new Envelope(
                it.id(),
                it.origin(),
                it.sender(),
                it.rcpt(),
                it.dest(),
                it.target(),
                dsn,
                it.created(),
                it.ttl(),
                it.state());
    }
}
