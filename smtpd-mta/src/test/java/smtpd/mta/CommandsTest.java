package smtpd.mta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.mail.MailAddr;
import smtpd.core.smtp.Reply;

import java.util.List;

final class CommandsTest {
    @Test
    void parametersOnlyWhereOffered() {
        assertEquals(
                "MAIL FROM:<a@b.test>",
                Commands.mail(
                        MailAddr.of("a@b.test"),
                        5,
                        true,
                        List.of(Samples.envelope(1, 1, "c@d.test")),
                        Offers.NONE));
    }

    @Test
    @DisplayName("F-84: no control, no bracket, nothing beyond ASCII leaves in an address")
    void addressesThatCannotBeSent() {
        assertTrue(Commands.canSend(MailAddr.NULL, Offers.NONE));
        assertTrue(Commands.canSend(MailAddr.of("a+b@c.test"), Offers.NONE));
        assertTrue(Commands.canSend(MailAddr.of("\"a b\"@c.test"), Offers.NONE));
        assertFalse(Commands.canSend(MailAddr.of("a b@c.test"), Offers.NONE));
        assertFalse(Commands.canSend(MailAddr.of("a>@c.test"), Offers.NONE));
        assertFalse(Commands.canSend(MailAddr.of("\"a\r\nb\"@c.test"), Offers.NONE));
        assertFalse(Commands.canSend(MailAddr.of("\u00e4@c.test"), Offers.NONE));
    }

    @Test
    void internationalizedAddressesNeedTheirExtension() {
        Offers offers = Offers.of(Reply.of(250, "mx", "SMTPUTF8"));
        assertTrue(Commands.canSend(MailAddr.of("\u00e4@c.test"), offers));
        assertFalse(Commands.canSend(MailAddr.of("\u00e4\u202e@c.test"), offers));
        assertEquals(
                "MAIL FROM:<a@b.test> SMTPUTF8",
                Commands.mail(
                        MailAddr.of("a@b.test"),
                        5,
                        true,
                        List.of(
                                Samples.envelope(1, 1, "c@d.test"),
                                Samples.envelope(1, 2, "\u00e4@d.test")),
                        offers));
    }
}
