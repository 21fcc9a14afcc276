package smtpd.parent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import smtpd.core.imsg.LookupAnswer;
import smtpd.core.mail.Secret;
import smtpd.core.sys.Credentials;
import smtpd.core.sys.Crypt;
import smtpd.core.sys.Errno;
import smtpd.core.sys.ShadowEntry;
import smtpd.core.sys.SysException;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

class SystemPasswordsTest {
    private static final Instant TODAY = Instant.EPOCH.plus(Duration.ofDays(20_000));

    private final List<String> computed = new ArrayList<>();
    private final SystemPasswords passwords =
            new SystemPasswords(
                    SystemPasswordsTest::entry,
                    new SystemPasswords.Hashing() {
                        @Override
                        public Crypt.Fit check(String password, String stored) {
                            computed.add(stored);
                            if (stored.startsWith("?")) {
                                return Crypt.Fit.NOT_NOW;
                            }
                            return stored.equals("#" + password) ? Crypt.Fit.YES : Crypt.Fit.NO;
                        }

                        @Override
                        public String decoy() {
                            return "decoy";
                        }
                    },
                    () -> TODAY);

    private static Optional<ShadowEntry> entry(String name) throws SysException {
        return switch (name) {
            case "bob" -> Optional.of(new ShadowEntry("#pw", -1));
            case "tomorrow" -> Optional.of(new ShadowEntry("#pw", 20_001));
            case "expired" -> Optional.of(new ShadowEntry("#pw", 20_000));
            case "empty" -> Optional.of(new ShadowEntry("", -1));
            case "locked" -> Optional.of(new ShadowEntry("!#pw", -1));
            case "starred" -> Optional.of(new ShadowEntry("*", -1));
            case "unknown-scheme" -> Optional.of(new ShadowEntry("?", -1));
            case "down" -> throw new SysException("getspnam_r", Errno.EIO);
            default -> Optional.empty();
        };
    }

    private LookupAnswer check(String user, String password) {
        return passwords.check(user, new Secret(password));
    }

    @Test
    void passwordFitsOrNot() {
        assertEquals(LookupAnswer.FOUND, check("bob", "pw"));
        assertEquals(LookupAnswer.NOT_FOUND, check("bob", "PW"));
        assertEquals(LookupAnswer.FOUND, check("tomorrow", "pw"));
    }

    @ParameterizedTest
    @CsvSource({"nobody", "expired", "empty", "locked", "starred"})
    void closedAndUnknownAccountsAreNoAndTakeAsLong(String user) {
        assertEquals(LookupAnswer.NOT_FOUND, check(user, "pw"));
        assertEquals(LookupAnswer.NOT_FOUND, check(user, ""));
        assertEquals(List.of("decoy", "decoy"), computed);
    }

    @Test
    @DisplayName("F-78 a password that cannot be checked now is not now, never no")
    void whatCannotBeCheckedIsNotNow() {
        assertEquals(LookupAnswer.TEMPFAIL, check("down", "pw"));
        assertEquals(LookupAnswer.TEMPFAIL, check("unknown-scheme", "pw"));
    }

    @Test
    void systemWithoutRootIsNotNow() {
        assumeFalse(Credentials.uid() == 0, "root may read the passwords");
        assertEquals(
                LookupAnswer.TEMPFAIL,
                SystemPasswords.ofTheSystem().check("root", new Secret("x")));
    }

    @Test
    void systemAsRootAnswers() {
        assumeTrue(Credentials.uid() == 0, "needs root");
        assumeTrue(Crypt.isAvailable(), "needs libcrypt");
        assertEquals(
                LookupAnswer.NOT_FOUND,
                SystemPasswords.ofTheSystem().check("no-such-user", new Secret("x")));
    }
}
