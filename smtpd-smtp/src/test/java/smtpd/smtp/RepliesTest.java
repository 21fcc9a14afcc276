package smtpd.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;
import smtpd.core.smtp.Reply;
import smtpd.smtp.protocol.Replies;

/// Replies that scripts and people know from OpenSMTPD, to the letter.
class RepliesTest {
    @Test
    void textsAreTheOriginals() {
        assertEquals("250 2.0.0 Ok", Replies.OK.line());
        assertEquals("250 2.0.0 Reset state", Replies.RESET.line());
        assertEquals("250 2.1.5 Destination address valid: Recipient ok", Replies.RCPT_OK.line());
        assertEquals(
                "354 Enter mail, end with \".\" on a line by itself", Replies.ENTER_MAIL.line());
        assertEquals(
                "250 2.0.0 0badcafe Message accepted for delivery",
                Replies.accepted(new MsgId(0x0badcafe)).line());
        assertEquals("221 2.0.0 Bye", Replies.BYE.line());
        assertEquals(
                "503 5.5.1 Invalid command: Command not allowed at this point.",
                Replies.OUT_OF_ORDER.line());
        assertEquals(
                "500 5.5.1 Invalid command: Command unrecognized", Replies.UNRECOGNIZED.line());
        assertEquals("Command line too long", Replies.LINE_TOO_LONG.text());
        assertEquals("Too many recipients", Replies.TOO_MANY_RCPTS.text());
        assertEquals("Too many messages sent", Replies.TOO_MANY_MAILS.text());
        assertEquals("Message too big for system", Replies.TOO_BIG.text());
        assertEquals("Message is not RFC 2822 compliant", Replies.NOT_COMPLIANT.text());
        assertEquals("Loop detected", Replies.LOOP.text());
        assertEquals(
                "Invalid command: Must issue a STARTTLS command first", Replies.TLS_NEEDED.text());
        assertEquals(
                "Invalid command: Must issue an AUTH command first", Replies.AUTH_NEEDED.text());
    }

    @Test
    void recipientIsNamedBehindTheText() {
        MailAddr rcpt = new MailAddr("a", "b.example");
        assertEquals(
                "550 5.1.1 Invalid recipient: <a@b.example>",
                Replies.about(rcpt, Reply.esc(550, "5.1.1", "Invalid recipient")).line());
        assertEquals(
                "451 4.3.0 Temporary failure: <a@b.example>",
                Replies.about(rcpt, Replies.NOT_NOW).line());
    }
}
