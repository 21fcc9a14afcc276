package smtpd.mta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.mail.Dsn;
import smtpd.core.mail.MailAddr;

final class CommandsTest {
    @Test
    void parametersOnlyWhereOffered() {
        assertEquals(
                "MAIL FROM:<a@b.test>",
                Commands.mail(MailAddr.of("a@b.test"), 5, true, Dsn.NONE, Offers.NONE));
    }

    @Test
    @DisplayName("F-84: no control, no bracket, nothing beyond ASCII leaves in an address")
    void addressesThatCannotBeSent() {
        assertTrue(Commands.canSend(MailAddr.NULL));
        assertTrue(Commands.canSend(MailAddr.of("a+b@c.test")));
        assertTrue(Commands.canSend(MailAddr.of("\"a b\"@c.test")));
        assertFalse(Commands.canSend(MailAddr.of("a b@c.test")));
        assertFalse(Commands.canSend(MailAddr.of("a>@c.test")));
        assertFalse(Commands.canSend(MailAddr.of("\"a\r\nb\"@c.test")));
        assertFalse(Commands.canSend(MailAddr.of("\u00e4@c.test")));
    }
}
