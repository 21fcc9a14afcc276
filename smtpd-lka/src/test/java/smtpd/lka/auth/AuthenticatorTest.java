package smtpd.lka.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.TableService;
import smtpd.core.mail.Secret;
import smtpd.core.sys.Crypt;
import smtpd.lka.table.Answer;
import smtpd.lka.table.Entries;
import smtpd.lka.table.MemoryTable;
import smtpd.lka.table.Table;
import smtpd.lka.table.Tables;
import smtpd.lka.table.UnavailableTable;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

class AuthenticatorTest {
    private final List<String> computed = new CopyOnWriteArrayList<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();

    /// A hash is `#` and the password; anything else cannot be checked.
    private final Hashes hashes =
            new Hashes() {
                @Override
                public Crypt.Fit check(String password, String stored) {
                    computed.add(stored);
                    if (!stored.startsWith("#")) {
                        return Crypt.Fit.NOT_NOW;
                    }
                    return stored.equals("#" + password) ? Crypt.Fit.YES : Crypt.Fit.NO;
                }

                @Override
                public String decoy() {
                    return "#decoy";
                }
            };

    /// A table that checks passwords itself.
    private final class Checking implements Table {
        @Override
        public String name() {
            return "checking";
        }

        @Override
        public boolean offers(TableService service) {
            return service == TableService.AUTH;
        }

        @Override
        public Answer lookup(TableService service, String key) {
            asked.add(service + " " + key);
            return switch (key) {
                case "bob:Secret:1" -> new Answer.Found(key);
                case "bob:down" -> new Answer.Tempfail("down");
                default -> Answer.NOT_FOUND;
            };
        }

        @Override
        public Answer fetch(TableService service) {
            return Answer.NOT_FOUND;
        }

        @Override
        public Update update() {
            return new Update.Updated(0);
        }
    }

    private final Authenticator authenticator = authenticator();

    private Authenticator authenticator() {
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put("bob", "#pw");
        entries.put("alice", "alice:#pw");
        entries.put("carol", "#");
        entries.put("starred", "*");
        entries.put("locked", "!#pw");
        entries.put("dave", "user:");
        entries.put("clear", "clear:password");
        Map<String, Table> tables = new LinkedHashMap<>();
        tables.put("logins", new MemoryTable("logins", '+', () -> Entries.mapping(entries)));
        tables.put("checking", new Checking());
        tables.put("down", new UnavailableTable("down", "down"));
        return new Authenticator(
                new Tables(tables, new UnavailableTable("users", "none")),
                List.of("logins", "checking", "down", ""),
                (user, password) ->
                        user.equals("slow")
                                ? LookupAnswer.TEMPFAIL
                                : password.text().equals("system")
                                        ? LookupAnswer.FOUND
                                        : LookupAnswer.NOT_FOUND,
                hashes);
    }

    private Answer check(String table, String user, String password) {
        return authenticator.check(table, user, new Secret(password));
    }

    @Test
    void hashAloneOrAfterTheName() {
        assertEquals(new Answer.Found("bob"), check("logins", "bob", "pw"));
        assertEquals(new Answer.Found("alice"), check("logins", "alice", "pw"));
        assertEquals(new Answer.Found("carol"), check("logins", "carol", ""));
        assertEquals(Answer.NOT_FOUND, check("logins", "bob", "PW"));
        assertEquals(Answer.NOT_FOUND, check("logins", "alice", "alice:pw"));
    }

    @Test
    void nameIsFoldedPasswordIsNot() {
        assertEquals(new Answer.Found("BOB"), check("logins", "BOB", "pw"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nobody", "starred", "locked", "dave"})
    void unknownAndLockedUsersCostAsMuchAsWrongPasswords(String user) {
        assertEquals(Answer.NOT_FOUND, check("logins", user, "pw"));
        assertEquals(List.of("#decoy"), computed);
        assertEquals(Answer.NOT_FOUND, check("logins", "bob", "no"));
        assertEquals(Answer.NOT_FOUND, check("logins", user, "pw"));
        assertEquals(List.of("#decoy", "#pw", "#pw"), computed);
    }

    @Test
    void noUserHasThePasswordOfTheDecoy() {
        assertEquals(Answer.NOT_FOUND, check("logins", "nobody", "decoy"));
        assertEquals(Answer.NOT_FOUND, check("logins", "locked", "decoy"));
    }

    @Test
    @DisplayName("F-78 what cannot be looked up or computed is not now, never no")
    void whatCannotAnswerIsNotNow() {
        assertInstanceOf(Answer.Tempfail.class, check("down", "bob", "pw"));
        assertInstanceOf(Answer.Tempfail.class, check("logins", "clear", "password"));
        assertInstanceOf(Answer.Tempfail.class, check("checking", "bob", "down"));
        assertInstanceOf(Answer.Tempfail.class, check("", "slow", "system"));
        assertInstanceOf(Answer.Tempfail.class, check("not-named", "bob", "pw"));
    }

    @Test
    void tableThatChecksItselfIsAskedWithThePasswordAsItIs() {
        assertEquals(new Answer.Found("bob:Secret:1"), check("checking", "bob", "Secret:1"));
        assertEquals(Answer.NOT_FOUND, check("checking", "bob", "secret:1"));
        assertEquals(List.of("AUTH bob:Secret:1", "AUTH bob:secret:1"), asked);
        assertEquals(List.of(), computed);
    }

    @Test
    void colonInANameNeverMakesItAnothers() {
        assertEquals(Answer.NOT_FOUND, check("checking", "bob:Secret", "1"));
        assertEquals(List.of(), asked);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "bob\n", "a\nlookup|credentials|1|root", "a\rb", "a\0b", "a\u0085b"})
    @DisplayName("F-22 names with line breaks and controls reach no table")
    void impossibleNames(String user) {
        assertEquals(Answer.NOT_FOUND, check("checking", user, "pw"));
        assertEquals(Answer.NOT_FOUND, check("", user, "system"));
        assertEquals(List.of(), asked);
    }

    @ParameterizedTest
    @ValueSource(strings = {"pw\n", "a\nb", "a\rb", "a\0b"})
    @DisplayName("F-22 passwords with line breaks reach no table")
    void impossiblePasswords(String password) {
        assertEquals(Answer.NOT_FOUND, check("checking", "bob", password));
        assertEquals(List.of(), asked);
    }

    @Test
    void overLongNamesAreNobodys() {
        assertEquals(Answer.NOT_FOUND, check("checking", "x".repeat(256), "pw"));
        assertEquals(List.of(), asked);
        assertEquals(Answer.NOT_FOUND, check("checking", "x".repeat(255), "pw"));
        assertEquals(1, asked.size());
    }

    @Test
    void systemUsersAreAskedOfTheSystem() {
        assertEquals(new Answer.Found("bob"), check("", "bob", "system"));
        assertEquals(Answer.NOT_FOUND, check("", "bob", "pw"));
        assertEquals(List.of(), computed);
    }
}
