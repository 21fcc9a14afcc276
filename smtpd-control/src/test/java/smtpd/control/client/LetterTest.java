package smtpd.control.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.mail.MailAddr;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

class LetterTest {
    private static Letter read(String text) throws IOException, Letter.Unfit {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return Letter.read(RawMessage.read(new ByteArrayInputStream(bytes)));
    }

    private static String written(String text) throws IOException, Letter.Unfit {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        read(text).write("me@example.org", "Thu, 1 Jan 2026 00:00:00 +0000", out::write);
        return out.toString(StandardCharsets.UTF_8).replace("\r\n", "\n");
    }

    private static final String ADDED =
            "From: me@example.org\nDate: Thu, 1 Jan 2026 00:00:00 +0000\n";

    @Test
    void missingFromAndDateAreAdded() throws Exception {
        assertEquals("To: you\n" + ADDED + "\nfoo\n", written("To: you\n\nfoo\n"));
    }

    @Test
    void presentFieldsStayAsTheyAre() throws Exception {
        String message = "date: now\nTO : you\nfrom: me\n\nfoo\n";
        assertEquals(message, written(message));
    }

    @Test
    void bccReturnPathAndMailboxLineAreLeftOut() throws Exception {
        assertEquals(
                "To: a\nFrom: b\nDate: c\n\nfoo\n",
                written(
                        """
                        From x Thu Jan 1
                        Return-Path: <x>
                        To: a
                        Bcc: q,
                         r
                        From: b
                        bcc: s
                        Date: c

                        foo
                        """));
    }

    @Test
    void textWithoutAHeaderIsAllBody() throws Exception {
        assertEquals(ADDED + "\nhello world\n.\n", written("hello world\n.\n"));
        assertEquals(ADDED + "\n", written(""));
        assertEquals(ADDED + "\n indented\n", written(" indented\n"));
    }

    @Test
    void headerWithoutALineEndIsEnded() throws Exception {
        assertEquals("To: you\n" + ADDED + "\n", written("To: you"));
    }

    @Test
    void lineThatIsNoFieldBeginsTheBody() throws Exception {
        assertEquals("To: you\n" + ADDED + "\nhello there\n", written("To: you\nhello there\n"));
    }

    @Test
    void longLinesAreEncodedUnlessTheMessageSaysHowItIs() throws Exception {
        String text = written("To: you\n\n" + "x".repeat(990) + "\nä=\n");
        assertTrue(text.contains("Content-Transfer-Encoding: quoted-printable\n"), text);
        assertTrue(text.lines().allMatch(line -> line.length() <= 76), text);
        assertTrue(text.endsWith("=C3=A4=3D\n"), text);
        String encoded = "To: you\nContent-Transfer-Encoding: 8bit\n\n" + "x".repeat(990) + "\n";
        assertFalse(written(encoded).contains("quoted-printable"));
        assertFalse(written("To: x\n\n" + "x".repeat(989) + "\n").contains("quoted-printable"));
    }

    @Test
    void recipientsOfAllThreeFieldsAreFound() throws Exception {
        assertEquals(
                List.of(
                        MailAddr.of("a@example.org"),
                        MailAddr.of("b"),
                        MailAddr.of("c@example.org"),
                        MailAddr.of("d@example.org")),
                read("""
                To: A <a@example.org>, b
                Cc: "c, c" <c@example.org>
                X-To: no@x
                Bcc: group: d@example.org;

                """)
                        .recipients());
    }

    @Test
    void addressListThatCannotBeReadIsRefused() throws Exception {
        Letter letter = read("To: a@example.org, <b@example.org\n\n");
        assertThrows(Letter.Unfit.class, letter::recipients);
    }

    @Test
    void eightBitContentIsSeen() throws Exception {
        assertTrue(read("To: x\n\nä\n").isEightBit());
        assertTrue(read("To: ä\n\nx\n").isEightBit());
        assertFalse(read("To: x\n\n" + "ä".repeat(990) + "\n").isEightBit());
        assertFalse(read("To: x\n\nx\n").isEightBit());
    }

    @Test
    @DisplayName("F-82: NUL in header or body is refused")
    void nulIsRefused() {
        assertThrows(Letter.Unfit.class, () -> read("To: x\0\n\nfoo\n"));
        assertThrows(Letter.Unfit.class, () -> read("To: x\n\nfoo\0\n"));
    }

    @Test
    @DisplayName("F-82: a header without end is refused")
    void hugeHeaderIsRefused() {
        assertThrows(
                Letter.Unfit.class, () -> read("To: x\n" + "X: y\n".repeat(60_000) + "\nfoo\n"));
    }

    @Test
    void largeMessagesKeepEveryByte() throws Exception {
        String body = "0123456789abcdef\n".repeat(RawMessage.MEMORY_MAX / 8);
        assertEquals("To: x\n" + ADDED + "\n" + body, written("To: x\n\n" + body));
    }
}
