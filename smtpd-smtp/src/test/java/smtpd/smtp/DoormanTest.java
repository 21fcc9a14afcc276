package smtpd.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.conf.SmtpLimit;
import smtpd.core.conf.SmtpLimits;
import smtpd.core.stat.Statistics;
import smtpd.smtp.protocol.Client;

import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

class DoormanTest {
    private static final Client STRANGER = Client.at("192.0.2.1");
    private static final Client OURS = Client.at("127.0.0.1");
    private static final Client LOCAL = Client.local("mx.example.org", "root");

    private final AtomicLong clock = new AtomicLong();

    private Doorman doorman(SmtpLimit limit, int value) {
        return new Doorman(
                SmtpLimits.DEFAULT.with(limit, value),
                Statistics.NONE,
                clock::get,
                new SplittableRandom(1));
    }

    @Test
    void thisMachineIsTrusted() {
        Doorman doorman = doorman(SmtpLimit.SESSIONS_PER_CLIENT, 1);
        for (Client client : new Client[] {OURS, LOCAL, Client.at("::1")}) {
            assertEquals(Optional.empty(), doorman.admit(client));
            assertEquals(Optional.empty(), doorman.admit(client));
        }
        assertEquals(Optional.empty(), doorman.admit(STRANGER));
        assertEquals(Optional.of(SmtpLimit.SESSIONS_PER_CLIENT), doorman.admit(STRANGER));
        doorman.leave(STRANGER);
        assertEquals(Optional.empty(), doorman.admit(STRANGER));
    }

    @Test
    void butThereAreOnlySoManySessions() {
        Doorman doorman = doorman(SmtpLimit.SESSIONS, 1);
        assertEquals(Optional.empty(), doorman.admit(LOCAL));
        assertEquals(Optional.of(SmtpLimit.SESSIONS), doorman.admit(OURS));
        assertEquals(Optional.of(SmtpLimit.SESSIONS), doorman.admitProxy());
    }

    @Test
    void whoHasAuthenticatedBringsAnyNumberOfMails() {
        Doorman doorman = doorman(SmtpLimit.MAILS_PER_MINUTE, 1);
        assertTrue(doorman.mayMail(STRANGER));
        assertFalse(doorman.mayMail(STRANGER));
        assertTrue(doorman.mayMail(STRANGER.authenticated("alice")));
        assertTrue(doorman.mayMail(LOCAL));
        clock.addAndGet(Duration.ofMinutes(1).toNanos());
        assertTrue(doorman.mayMail(STRANGER));
    }

    @Test
    @DisplayName("F-24 failures are counted over sessions")
    void failuresAreCounted() {
        Doorman doorman = doorman(SmtpLimit.AUTH_FAILURES, 2);
        doorman.authenticated(STRANGER, "alice", false);
        doorman.authenticated(STRANGER, "bob", false);
        assertEquals(
                Optional.of(SmtpLimit.AUTH_FAILURES), doorman.mayAuthenticate(STRANGER, "carol"));
        assertEquals(Optional.empty(), doorman.mayAuthenticate(OURS, "carol"));
        clock.addAndGet(Duration.ofHours(1).toNanos());
        assertEquals(Optional.empty(), doorman.mayAuthenticate(STRANGER, "carol"));
    }

    @Test
    void noncesDifferAndHaveNoComma() {
        Doorman doorman = doorman(SmtpLimit.IDLE, 0);
        String nonce = doorman.nonce();
        assertNotEquals(nonce, doorman.nonce());
        assertTrue(nonce.matches("[!-+\\--~]{24}"), nonce);
    }
}
