package smtpd.smtp.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.mail.MailAddr;
import smtpd.core.smtp.Command;
import smtpd.core.smtp.MailParams;
import smtpd.core.smtp.RcptParams;
import smtpd.core.smtp.Received.Dialect;

import java.util.List;

class SequencingTest {
    private static final Phase GREETED = new Phase.Greeted();
    private static final Phase HELO =
            new Phase.Identified(new Hello(Dialect.SMTP, "client.example"), 0);
    private static final Phase EHLO =
            new Phase.Identified(new Hello(Dialect.ESMTP, "client.example"), 0);

    private static final Command MAIL = new Command.Mail(MailAddr.NULL, MailParams.NONE);
    private static final Command RCPT =
            new Command.Rcpt(new MailAddr("a", "b.example"), RcptParams.NONE);
    private static final Command DATA = new Command.Data();

    private static boolean allowed(Phase phase, Command command) {
        return Sequencing.check(phase, command).isEmpty();
    }

    @Test
    @DisplayName("F-9: commands of a transaction have their places")
    void commandsOfATransactionHaveTheirPlaces() {
        for (Command command : List.of(MAIL, RCPT, DATA)) {
            assertEquals(false, allowed(GREETED, command), command::toString);
        }
        for (Phase phase : List.of(HELO, EHLO)) {
            assertEquals(true, allowed(phase, MAIL));
            assertEquals(false, allowed(phase, RCPT));
            assertEquals(false, allowed(phase, DATA));
        }
    }

    @Test
    void everythingElseMayComeAtAnyTime() {
        List<Command> others =
                List.of(
                        new Command.Rset(),
                        new Command.Noop(),
                        new Command.Quit(),
                        new Command.Help(""),
                        new Command.Vrfy("x"),
                        new Command.Ehlo("x"));
        for (Phase phase : List.of(GREETED, HELO, EHLO)) {
            for (Command command : others) {
                assertEquals(true, allowed(phase, command), command::toString);
            }
        }
    }

    @Test
    @DisplayName("F-6: groups only where PIPELINING was announced, and nothing behind DATA")
    void groupsOnlyWherePipeliningWasAnnounced() {
        assertEquals(true, Sequencing.endsGroup(GREETED, new Command.Ehlo("x")));
        assertEquals(true, Sequencing.endsGroup(HELO, MAIL));
        assertEquals(false, Sequencing.endsGroup(EHLO, MAIL));
        assertEquals(false, Sequencing.endsGroup(EHLO, new Command.Rset()));
        assertEquals(true, Sequencing.endsGroup(EHLO, DATA));
        assertEquals(true, Sequencing.endsGroup(EHLO, new Command.StartTls()));
        assertEquals(false, Sequencing.endsGroup(HELO, new Command.Quit()));
    }
}
