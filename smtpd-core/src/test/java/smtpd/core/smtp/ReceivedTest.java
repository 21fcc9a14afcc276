package smtpd.core.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;
import smtpd.core.smtp.Received.Client;
import smtpd.core.smtp.Received.Dialect;
import smtpd.core.smtp.Received.Server;
import smtpd.core.smtp.Received.With;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

class ReceivedTest {
    private static final Server SERVER = new Server("mx.example.org", "smtpd");
    private static final MsgId MSGID = MsgId.parse("0badcafe");
    private static final String DATE =
            Received.date(Instant.parse("2026-01-01T12:05:09Z"), ZoneOffset.UTC);

    private static With with(Dialect dialect, @Nullable String tls, boolean authenticated) {
        return new With(dialect, false, tls, authenticated, null);
    }

    @Test
    void fullHeader() {
        With with = new With(Dialect.ESMTP, false, "TLSv1.3:TLS_X:256:NO", true, "joe");
        Client client = new Client("helo.org", "ptr.org", "192.0.2.1");
        Received received = new Received(client, SERVER, with, MailAddr.of("a@b.org"), MSGID, DATE);
        assertEquals(
                """
                Received: from helo.org (ptr.org [192.0.2.1])\r
                \tby mx.example.org (smtpd) with ESMTPSA id 0badcafe (TLSv1.3:TLS_X:256:NO) auth=yes user=joe\r
                \tfor <a@b.org>;\r
                \tThu, 1 Jan 2026 12:05:09 +0000 (UTC)\r
                """,
                received.header());
    }

    @Test
    void maskedHeader() {
        Received received =
                new Received(null, SERVER, with(Dialect.SMTP, null, false), null, MSGID, DATE);
        assertEquals(
                """
                Received: by mx.example.org (smtpd) with SMTP id 0badcafe;\r
                \tThu, 1 Jan 2026 12:05:09 +0000 (UTC)\r
                """,
                received.header());
    }

    @Test
    @DisplayName("F-84 a stranger's text cannot end a line or the comment")
    void strangersTextIsContained() {
        Client client = new Client("x\r\nBcc: y", "p) (q\n", "2001:db8::1");
        With with = new With(Dialect.ESMTP, false, null, true, "u\r\nX: " + "u".repeat(5000));
        String header = new Received(client, SERVER, with, null, MSGID, DATE).header();
        assertEquals(4, header.split("\r\n", -1).length);
        assertFalse(header.contains("\nBcc"));
        assertTrue(header.contains("(p_ _q\\n [IPv6:2001:db8::1])"), header);
        assertTrue(header.lines().allMatch(line -> line.length() <= 998));
    }

    @Test
    void keywords() {
        assertEquals("SMTP", with(Dialect.SMTP, null, false).keyword());
        assertEquals("ESMTP", with(Dialect.ESMTP, null, false).keyword());
        assertEquals("ESMTPS", with(Dialect.ESMTP, "t", false).keyword());
        assertEquals("ESMTPA", with(Dialect.ESMTP, null, true).keyword());
        assertEquals("LMTPSA", with(Dialect.LMTP, "t", true).keyword());
        assertEquals("ESMTPS", with(Dialect.SMTP, "t", false).keyword());
        assertEquals("UTF8SMTPS", new With(Dialect.ESMTP, true, "t", false, null).keyword());
    }

    @Test
    void datesInOtherZones() {
        Instant time = Instant.parse("2026-07-09T23:05:09Z");
        assertEquals(
                "Thu, 9 Jul 2026 23:05:09 +0000 (UTC)", Rfc5322Date.format(time, ZoneId.of("UTC")));
        assertEquals(
                "Fri, 10 Jul 2026 01:05:09 +0200",
                Rfc5322Date.format(time, ZoneId.of("Europe/Berlin")));
        assertEquals(
                "Thu, 9 Jul 2026 19:35:09 -0330",
                Rfc5322Date.format(time, ZoneOffset.ofHoursMinutes(-3, -30)));
        assertEquals(
                "Fri, 10 Jul 2026 04:35:09 +0530",
                Rfc5322Date.format(time, ZoneOffset.ofHoursMinutes(5, 30)));
    }
}
