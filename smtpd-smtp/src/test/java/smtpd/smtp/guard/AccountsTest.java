package smtpd.smtp.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import smtpd.core.conf.SmtpLimit;
import smtpd.core.conf.SmtpLimits;

import java.time.Duration;
import java.util.Optional;

class AccountsTest {
    private static final String A = "192.0.2.1";
    private static final String B = "192.0.2.2";
    private static final String FAR = "198.51.100.1";
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();
    private static final long HOUR = Duration.ofHours(1).toNanos();

    private static Accounts accounts(SmtpLimit limit, int value) {
        SmtpLimits limits = SmtpLimits.DEFAULT;
        for (SmtpLimit each : SmtpLimit.values()) {
            limits = limits.with(each, 0);
        }
        return new Accounts(limits.with(limit, value));
    }

    private static void admitted(Accounts accounts, String address) {
        assertEquals(Optional.empty(), accounts.admit(address, 0));
    }

    private static void refused(SmtpLimit by, Accounts accounts, String address) {
        assertEquals(Optional.of(by), accounts.admit(address, 0));
    }

    @Test
    void theBoundOfAllSessionsHoldsForEverybody() {
        Accounts accounts = accounts(SmtpLimit.SESSIONS, 2);
        admitted(accounts, A);
        admitted(accounts, "");
        refused(SmtpLimit.SESSIONS, accounts, FAR);
        refused(SmtpLimit.SESSIONS, accounts, "");
        accounts.leave("");
        admitted(accounts, FAR);
        assertEquals(2, accounts.sessions());
    }

    @Test
    void oneAddressHasItsShare() {
        Accounts accounts = accounts(SmtpLimit.SESSIONS_PER_CLIENT, 2);
        admitted(accounts, A);
        admitted(accounts, A);
        refused(SmtpLimit.SESSIONS_PER_CLIENT, accounts, A);
        admitted(accounts, B);
        accounts.leave(A);
        admitted(accounts, A);
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 192.0.2.255, true",
        "192.0.2.1, 192.0.3.1, false",
        "2001:db8::1, 2001:db8::ffff:1, true",
        "2001:db8::1, 2001:db8:0:1::1, false"
    })
    void oneNetworkHasItsShare(String first, String second, boolean same) {
        Accounts accounts = accounts(SmtpLimit.SESSIONS_PER_NETWORK, 1);
        admitted(accounts, first);
        if (same) {
            refused(SmtpLimit.SESSIONS_PER_NETWORK, accounts, second);
        } else {
            admitted(accounts, second);
        }
    }

    @Test
    void nothingIsLeftOfClientsThatAreGone() {
        Accounts accounts = accounts(SmtpLimit.SESSIONS_PER_CLIENT, 9);
        admitted(accounts, A);
        admitted(accounts, A);
        accounts.leave(A);
        assertEquals(1, accounts.clients());
        accounts.leave(A);
        assertEquals(0, accounts.clients());
        assertEquals(0, accounts.sessions());
    }

    @Test
    void connectionsComeBackWithTime() {
        Accounts accounts = accounts(SmtpLimit.CONNECTS_PER_MINUTE, 60);
        for (int i = 0; i < 60; i++) {
            admitted(accounts, A);
        }
        refused(SmtpLimit.CONNECTS_PER_MINUTE, accounts, A);
        admitted(accounts, B);
        assertEquals(Optional.empty(), accounts.admit(A, MINUTE / 60));
        assertEquals(
                Optional.of(SmtpLimit.CONNECTS_PER_MINUTE), accounts.admit(A, MINUTE / 60 + 1));
        assertEquals(60 + 1 + 1, accounts.sessions());
    }

    @Test
    void ipv6ClientsAreCountedByNetwork() {
        Accounts accounts = accounts(SmtpLimit.MAILS_PER_MINUTE, 1);
        assertTrue(accounts.mayMail("2001:db8::1", 0));
        assertFalse(accounts.mayMail("2001:db8::2", 0));
        assertTrue(accounts.mayMail("2001:db8:0:1::2", 0));
        assertTrue(accounts.mayMail("2001:db8::2", MINUTE));
    }

    @Test
    @DisplayName("F-24 failures of one address count over all its sessions, and decay")
    void failuresOfAnAddress() {
        Accounts accounts = accounts(SmtpLimit.AUTH_FAILURES, 10);
        for (int i = 0; i < 10; i++) {
            assertEquals(Optional.empty(), accounts.mayAuthenticate(A, "user" + i, 0));
            accounts.failed(A, "user" + i, 0);
        }
        assertEquals(
                Optional.of(SmtpLimit.AUTH_FAILURES), accounts.mayAuthenticate(A, "another", 0));
        assertEquals(Optional.empty(), accounts.mayAuthenticate(B, "another", 0));
        assertEquals(
                Optional.of(SmtpLimit.AUTH_FAILURES),
                accounts.mayAuthenticate(A, "another", HOUR / 10 - 1));
        assertEquals(Optional.empty(), accounts.mayAuthenticate(A, "another", HOUR / 10));
    }

    @Test
    @DisplayName("F-24 failures as one user count over all addresses, but lock nobody out")
    void failuresAsAUser() {
        Accounts accounts = accounts(SmtpLimit.AUTH_FAILURES_PER_USER, 3);
        accounts.proved(FAR, "alice");
        for (int i = 1; i <= 3; i++) {
            accounts.failed("203.0.113." + i, "Alice", 0);
        }
        assertEquals(
                Optional.of(SmtpLimit.AUTH_FAILURES_PER_USER),
                accounts.mayAuthenticate(A, "alice", 0));
        assertEquals(Optional.empty(), accounts.mayAuthenticate(A, "bob", 0));
        assertEquals(Optional.empty(), accounts.mayAuthenticate(FAR, "alice", 0));
        assertEquals(Optional.empty(), accounts.mayAuthenticate(A, "alice", HOUR / 3 + 1));
    }

    @Test
    void whatIsRememberedIsBounded() {
        Buckets buckets = new Buckets(2, Duration.ofHours(1));
        buckets.take("first", 0);
        buckets.take("first", 0);
        for (int i = 1; i < Buckets.NAMES_MAX; i++) {
            buckets.take("name" + i, 0);
        }
        assertFalse(buckets.has("first", 0));
        // looked at just now, it stays; the one nobody looked at goes
        buckets.take("one more", 0);
        assertEquals(Buckets.NAMES_MAX, buckets.names());
        assertFalse(buckets.has("first", 0));
    }

    @Test
    void aFullBucketIsForgotten() {
        Buckets buckets = new Buckets(2, Duration.ofHours(1));
        buckets.take("name", 0);
        assertEquals(1, buckets.names());
        assertTrue(buckets.has("name", HOUR));
        assertEquals(0, buckets.names());
    }

    @Test
    void withoutABoundNothingIsCounted() {
        Accounts accounts = accounts(SmtpLimit.IDLE, 1);
        for (int i = 0; i < 1000; i++) {
            admitted(accounts, A);
            assertTrue(accounts.mayMail(A, 0));
            accounts.failed(A, "alice", 0);
        }
        assertEquals(Optional.empty(), accounts.mayAuthenticate(A, "alice", 0));
    }
}
