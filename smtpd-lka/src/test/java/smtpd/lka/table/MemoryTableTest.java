package smtpd.lka.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import smtpd.core.conf.TableConf;
import smtpd.core.imsg.TableService;
import smtpd.lka.table.proc.NoPrograms;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

class MemoryTableTest {
    private static final Answer NO = Answer.NOT_FOUND;
    private static final Tables.Needs NEEDS =
            new Tables.Needs(
                    '+',
                    new UnavailableTable("users", "none"),
                    text -> {},
                    NoPrograms.INSTANCE,
                    InstantSource.system());

    private static Table list(String... entries) {
        return new MemoryTable("t", '+', () -> Entries.list(List.of(entries)));
    }

    private static Answer yes(String value) {
        return new Answer.Found(value);
    }

    @Test
    void domainsByHashThenByWildcard() {
        Table table = list("*.example.org", "mx.example.org", "B.example.net");
        assertEquals(yes("mx.example.org"), table.lookup(TableService.DOMAIN, "MX.example.org"));
        assertEquals(yes("*.example.org"), table.lookup(TableService.DOMAIN, "a.example.org"));
        assertEquals(yes("B.example.net"), table.lookup(TableService.DOMAIN, "b.example.net"));
        assertEquals(NO, table.lookup(TableService.DOMAIN, "example.org"));
    }

    @Test
    void narrowestNetworkAnswers() {
        Table table = list("10.0.0.0/8", "10.1.0.0/16", "2001:db8::/32", "local");
        assertEquals(yes("10.1.0.0/16"), table.lookup(TableService.NETADDR, "10.1.2.3"));
        assertEquals(yes("10.0.0.0/8"), table.lookup(TableService.NETADDR, "10.2.2.3"));
        assertEquals(yes("2001:db8::/32"), table.lookup(TableService.NETADDR, "[2001:db8::9]"));
        assertEquals(yes("local"), table.lookup(TableService.NETADDR, "local"));
        assertEquals(NO, table.lookup(TableService.NETADDR, "192.0.2.1"));
        assertEquals(NO, table.lookup(TableService.NETADDR, "nonsense"));
    }

    @ParameterizedTest
    @CsvSource({
        "bob@example.org, bob@example.org",
        "BOB+tag@Example.org, bob@example.org",
        "al+x@example.org, al+x@example.org",
        "al@example.org, -",
        "al+y@example.org, -",
        "eve@anything, eve",
        "eve+1@anything, eve",
        "who@example.net, @example.net",
        "who@a.example.com, @*.example.com",
        "eve2@other, -",
    })
    void mailAddressesFitByUserDomainAndTag(String address, String entry) {
        Table table =
                list(
                        "bob@example.org",
                        "al+x@example.org",
                        "eve",
                        "@example.net",
                        "@*.example.com");
        assertEquals(
                entry.equals("-") ? NO : yes(entry), table.lookup(TableService.MAILADDR, address));
    }

    @Test
    void loneAtFitsEveryAddress() {
        Table table = list("@");
        assertEquals(yes("@"), table.lookup(TableService.MAILADDR, "a@b"));
        assertEquals(yes("@"), table.lookup(TableService.MAILADDR, "@"));
    }

    @ParameterizedTest
    @CsvSource({
        "^@$, @, true",
        "^@$, a@b, false",
        "EXAMPLE\\.org$, bob@example.ORG, true",
        "^[^@]+@ex, a@EX.org, true",
        "^\\S+@x$, a@x, true",
        "^[[:digit:]]+$, 123, true",
        "[\\.], a.b, true",
        "(?i)^A, abc, true",
    })
    void regularExpressionsIgnoreCase(String regex, String key, boolean fits) {
        assertEquals(fits, list(regex).lookup(TableService.REGEX, key) instanceof Answer.Found);
    }

    @Test
    @DisplayName("F-78 a table with a broken regular expression answers not now")
    void brokenRegexIsNotNow() {
        assertInstanceOf(Answer.Tempfail.class, list("ok", "(").lookup(TableService.REGEX, "zzz"));
    }

    @Test
    @DisplayName("F-78 a regular expression without end answers not now")
    void endlessRegexIsNotNow() {
        assertInstanceOf(
                Answer.Tempfail.class,
                list("^(.*a){16}$").lookup(TableService.REGEX, "a".repeat(60) + "b"));
    }

    @Test
    void fetchGoesRound() {
        Table table = list("A.example", "b.example");
        assertEquals(yes("A.example"), table.fetch(TableService.RELAYHOST));
        assertEquals(yes("b.example"), table.fetch(TableService.RELAYHOST));
        assertEquals(yes("A.example"), table.fetch(TableService.RELAYHOST));
        assertEquals(NO, list().fetch(TableService.SOURCE));
    }

    @Test
    void mappingKeysWithWildcards() {
        Table table =
                new MemoryTable(
                        "m",
                        '+',
                        () ->
                                Entries.mapping(
                                        Map.of("*.example.org", "smtp://a", "x", "smtp://b")));
        assertEquals(yes("smtp://a"), table.lookup(TableService.RELAYHOST, "q.example.org"));
        assertEquals(yes("smtp://b"), table.lookup(TableService.RELAYHOST, "X"));
    }

    @Test
    @DisplayName("F-78 update swaps the table, or keeps the old one and says why")
    void updateSwapsOrKeeps(@TempDir Path dir) throws IOException {
        Path file = dir.resolve("aliases");
        Files.writeString(file, "a b\n");
        Tables tables =
                Tables.open(List.of(new TableConf.FileTable("aliases", file.toString())), NEEDS);
        Table table = tables.find("aliases");
        assertEquals(yes("b"), table.lookup(TableService.ALIAS, "A"));

        Files.writeString(file, "a c\nd e\n");
        assertEquals(new Table.Update.Updated(2), table.update());
        assertEquals(yes("c"), table.lookup(TableService.ALIAS, "a"));

        Files.writeString(file, "a x\nbroken\n");
        assertEquals(new Table.Update.Kept("line 2: key without a value"), table.update());
        assertEquals(yes("c"), table.lookup(TableService.ALIAS, "a"));

        Files.delete(file);
        assertInstanceOf(Table.Update.Kept.class, table.update());
        assertEquals(yes("c"), table.lookup(TableService.ALIAS, "a"));
        assertEquals(List.of(), tables.troubles());
    }

    @Test
    @DisplayName("F-78 tables that cannot be opened answer not now and are reported")
    void unopenedTablesAnswerNotNow(@TempDir Path dir) throws IOException {
        Path file = dir.resolve("later");
        Tables tables =
                Tables.open(
                        List.of(
                                new TableConf.FileTable("later", file.toString()),
                                new TableConf.DbTable("db", "/x.db"),
                                new TableConf.BackendTable("pg", "postgres", "/pg.conf")),
                        NEEDS);
        for (String name : List.of("later", "db", "pg", "unheard-of")) {
            assertInstanceOf(
                    Answer.Tempfail.class, tables.find(name).check(TableService.ALIAS, "a"));
            assertInstanceOf(Answer.Tempfail.class, tables.find(name).fetch(TableService.ALIAS));
        }
        assertEquals(2, tables.troubles().size());

        Files.writeString(file, "a b\n");
        assertInstanceOf(Table.Update.Updated.class, tables.find("later").update());
        assertEquals(yes("b"), tables.find("later").lookup(TableService.ALIAS, "a"));
    }

    @Test
    void strayBytesDoNotCostTheTable(@TempDir Path dir) throws IOException {
        Path file = dir.resolve("t");
        Files.write(file, new byte[] {'#', (byte) 0xe9, '\n', 'a', ' ', 'b', '\n'});
        Tables tables = Tables.open(List.of(new TableConf.FileTable("t", file.toString())), NEEDS);
        assertEquals(yes("b"), tables.find("t").lookup(TableService.STRING, "a"));
    }
}
