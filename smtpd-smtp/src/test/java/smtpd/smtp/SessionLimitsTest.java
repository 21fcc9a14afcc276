package smtpd.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.conf.SmtpLimit;
import smtpd.core.conf.SmtpLimits;
import smtpd.core.conf.SmtpOptions;
import smtpd.smtp.protocol.Client;

import java.time.Duration;
import java.util.List;

/// What `smtp limit` says of one session.
class SessionLimitsTest {
    private static final String EHLO =
            """
            S+ 220
            C: EHLO client.example.net
            S+ 250
            """;

    private static final String MAIL =
            """
            C: MAIL FROM:<a@b.example>
            C: RCPT TO:<alice@example.org>
            C: DATA
            S+ 250
            S+ 250
            S+ 354
            C: Subject: x
            C:
            C: .
            S+ 250
            """;

    private final House house = new House();

    @BeforeEach
    void fromAfar() {
        house.client = Client.at("192.0.2.7");
    }

    private void limit(SmtpLimit limit, int value) {
        SmtpOptions o = house.options;
        house.options =
                new SmtpOptions(
                        o.maxMessageSize(),
                        o.maxMails(),
                        o.maxRcpt(),
                        o.ciphers(),
                        o.subAddrDelim(),
                        SmtpLimits.DEFAULT.with(limit, value));
    }

    private void logged(String name) {
        assertTrue(
                house.log.contains(
                        "0000000000000abc smtp limit name=" + name + " address=192.0.2.7"),
                house.log::toString);
    }

    @Test
    @DisplayName("F-8 as many errors as max-errors says, counted anew after each message")
    void errors() throws Exception {
        limit(SmtpLimit.ERRORS, 2);
        house.play(
                EHLO
                        + "C: WHAT\nS+ 500\n"
                        + MAIL
                        + "C: WHAT\nS+ 500\nC: WHAT\nS+ 500\nS+ 421 4.7.0\nCLOSED\n");
        logged("max-errors");
    }

    @Test
    void commandsThatBringNoMail() throws Exception {
        limit(SmtpLimit.COMMANDS, 4);
        house.play(
                EHLO
                        + "C: NOOP\nS+ 250\n"
                        + MAIL
                        + "C: NOOP\nC: NOOP\nC: NOOP\nC: RSET\nC: NOOP\n"
                        + "S+ 250\nS+ 250\nS+ 250\nS+ 250\nS+ 250\nS: 421 4.7.0 Too many"
                        + " commands\nCLOSED\n");
        logged("max-commands");
    }

    @Test
    void recipientsAreNoneOfThem() throws Exception {
        limit(SmtpLimit.COMMANDS, 4);
        house.play(
                EHLO
                        + "C: MAIL FROM:<a@b.example>\nS+ 250\n"
                        + "C: RCPT TO:<alice@example.org>\nS+ 250\n".repeat(10)
                        + "C: QUIT\nS+ 221\nCLOSED\n");
    }

    @Test
    void zeroTakesLimitsAway() throws Exception {
        limit(SmtpLimit.ERRORS, 0);
        house.play(EHLO + "C: WHAT\nS+ 500\n".repeat(50) + "C: QUIT\nS+ 221\nCLOSED\n");
    }

    @Test
    @DisplayName("F-1 the greeting waits for who talks first, but not for this machine")
    void greetDelay() throws Exception {
        limit(SmtpLimit.GREET_DELAY, 7);
        house.play("S+ 220\nC: QUIT\nS+ 221\nCLOSED\n");
        House other = new House();
        other.options = house.options;
        other.play("S+ 220\nC: QUIT\nS+ 221\nCLOSED\n");
        assertEquals(List.of(Duration.ofSeconds(7)), house.stream.waits);
        assertEquals(List.of(Duration.ZERO), other.stream.waits);
    }
}
