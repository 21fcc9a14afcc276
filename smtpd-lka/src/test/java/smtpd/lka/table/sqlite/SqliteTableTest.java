package smtpd.lka.table.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConfig;

import smtpd.core.imsg.TableService;
import smtpd.lka.table.Answer;
import smtpd.lka.table.Table;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

class SqliteTableTest {
    private static final String QUERIES =
            """
            # the keys of table-sqlite(5)
            query_alias        SELECT destination FROM virtuals WHERE email=?;
            query_domain       SELECT domain FROM domains WHERE domain=?;
            query_credentials  SELECT email, password FROM credentials WHERE email=?;
            query_userinfo     SELECT uid, gid, home FROM users WHERE name=?;
            query_mailaddrmap  SELECT email FROM credentials WHERE email=? or email='root@x'
            fetch_source       SELECT address FROM sources
            fetch_source_expire 60
            fetch_source_refresh 3
            """;

    @TempDir Path dir;
    private final List<String> complaints = new ArrayList<>();
    private Instant now = Instant.EPOCH;

    private void sql(String... statements) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        try (Connection connection =
                        config.createConnection("jdbc:sqlite:" + dir.resolve("mail.db"));
                Statement statement = connection.createStatement()) {
            for (String text : statements) {
                statement.executeUpdate(text);
            }
        }
    }

    @BeforeEach
    void database() throws SQLException {
        sql(
                "CREATE TABLE virtuals (email TEXT, destination TEXT)",
                "CREATE TABLE domains (domain TEXT)",
                "CREATE TABLE credentials (email TEXT, password TEXT)",
                "CREATE TABLE users (name TEXT, uid INTEGER, gid INTEGER, home TEXT)",
                "CREATE TABLE sources (address TEXT)",
                "INSERT INTO virtuals VALUES ('info@example.org', 'bob'), ('info@example.org',"
                        + " 'al')",
                "INSERT INTO domains VALUES ('example.org')",
                "INSERT INTO credentials VALUES ('bob@example.org', '$2b$08$x'), ('root@x', 'p')",
                "INSERT INTO users VALUES ('bob', 1000, 100, '/home/bob')",
                "INSERT INTO sources VALUES ('192.0.2.1'), ('192.0.2.2')");
    }

    private Table table(String queries) throws IOException {
        Path conf =
                Files.writeString(
                        dir.resolve("sqlite.conf"),
                        "dbpath " + dir.resolve("mail.db") + "\n" + queries);
        return new SqliteTable("t", conf, () -> now, complaints::add);
    }

    private static Answer yes(String value) {
        return new Answer.Found(value);
    }

    @Test
    void everyServiceHasItsForm() throws IOException {
        Table table = table(QUERIES);
        assertEquals("", table.trouble());
        assertEquals(yes("bob, al"), table.lookup(TableService.ALIAS, "Info@Example.org"));
        assertEquals(Answer.NOT_FOUND, table.lookup(TableService.ALIAS, "x@example.org"));
        assertEquals(yes("example.org"), table.lookup(TableService.DOMAIN, "example.org"));
        assertEquals(
                yes("bob@example.org:$2b$08$x"),
                table.lookup(TableService.CREDENTIALS, "bob@example.org"));
        assertEquals(yes("1000:100:/home/bob"), table.lookup(TableService.USERINFO, "bob"));
        assertEquals(
                yes("bob@example.org, root@x"),
                table.lookup(TableService.MAILADDRMAP, "bob@example.org"));
    }

    @Test
    void keysAreValuesAndNeverPartOfTheStatement() throws IOException {
        Table table = table(QUERIES);
        assertEquals(Answer.NOT_FOUND, table.lookup(TableService.DOMAIN, "x' OR '1'='1"));
    }

    @Test
    void sourcesAreTakenInTurnAndReadAgainAfterAWhile() throws Exception {
        Table table = table(QUERIES);
        assertEquals(yes("192.0.2.1"), table.fetch(TableService.SOURCE));
        sql("INSERT INTO sources VALUES ('192.0.2.3')");
        assertEquals(yes("192.0.2.2"), table.fetch(TableService.SOURCE));
        assertEquals(yes("192.0.2.1"), table.fetch(TableService.SOURCE));
        // used three times: read again
        assertEquals(yes("192.0.2.1"), table.fetch(TableService.SOURCE));
        assertEquals(yes("192.0.2.2"), table.fetch(TableService.SOURCE));
        sql("DELETE FROM sources");
        assertEquals(yes("192.0.2.3"), table.fetch(TableService.SOURCE));
        now = now.plus(Duration.ofSeconds(60));
        assertEquals(Answer.NOT_FOUND, table.fetch(TableService.SOURCE));
    }

    @Test
    void changesAreSeenAtOnce() throws Exception {
        Table table = table(QUERIES);
        assertEquals(Answer.NOT_FOUND, table.lookup(TableService.DOMAIN, "new.example"));
        sql("INSERT INTO domains VALUES ('new.example')");
        assertEquals(yes("new.example"), table.lookup(TableService.DOMAIN, "new.example"));
    }

    @Test
    @DisplayName("F-78 what the database cannot answer is not now")
    void brokenDatabaseIsNotNow() throws Exception {
        Table table = table(QUERIES);
        sql("DROP TABLE domains", "INSERT INTO users VALUES ('al', 1, 2, NULL)");
        assertInstanceOf(Answer.Tempfail.class, table.lookup(TableService.DOMAIN, "example.org"));
        assertInstanceOf(Answer.Tempfail.class, table.lookup(TableService.USERINFO, "al"));
        assertInstanceOf(Answer.Tempfail.class, table.lookup(TableService.NETADDR, "::1"));
        assertInstanceOf(Answer.Tempfail.class, table.fetch(TableService.RELAYHOST));
        assertFalse(table.offers(TableService.AUTH));
    }

    @Test
    @DisplayName("F-78 an update that fails leaves the former database and says why")
    void updateSwapsOrKeeps() throws Exception {
        Table table = table(QUERIES);
        assertEquals(
                new Table.Update.Kept(dir.resolve("sqlite.conf") + ":2: key without a value"),
                update(table, "query_alias\n"));
        assertTrue(
                update(table, "query_alias SELECT a, b FROM virtuals")
                                instanceof Table.Update.Kept(String why)
                        && why.contains("no such column"));
        assertTrue(
                update(table, "query_alias SELECT email, destination FROM virtuals")
                                instanceof Table.Update.Kept(String other)
                        && other.startsWith("2 columns instead of 1"));
        assertEquals(yes("example.org"), table.lookup(TableService.DOMAIN, "example.org"));
        assertInstanceOf(
                Table.Update.Updated.class,
                update(table, "query_alias SELECT 'x' WHERE ?1 = 'k'\nnonsense y\n"));
        assertEquals(yes("x"), table.lookup(TableService.ALIAS, "k"));
        assertInstanceOf(Answer.Tempfail.class, table.lookup(TableService.DOMAIN, "example.org"));
        assertEquals(
                List.of("table t: " + dir.resolve("sqlite.conf") + ": no such key: nonsense"),
                complaints);
    }

    private Table.Update update(Table table, String queries) throws IOException {
        Files.writeString(
                dir.resolve("sqlite.conf"), "dbpath " + dir.resolve("mail.db") + "\n" + queries);
        return table.update();
    }

    @Test
    @DisplayName("F-78 a missing database is not now, and not made")
    void missingDatabaseIsNotMade() throws IOException {
        Files.delete(dir.resolve("mail.db"));
        Table table = table(QUERIES);
        assertTrue(table.trouble().contains("cannot be read"));
        assertInstanceOf(Answer.Tempfail.class, table.lookup(TableService.DOMAIN, "example.org"));
        assertFalse(Files.exists(dir.resolve("mail.db")));
    }

    @Test
    void manyAskAtATime() throws Exception {
        Table table = table(QUERIES);
        List<CompletableFuture<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            CompletableFuture<Answer> answer = new CompletableFuture<>();
            answers.add(answer);
            Thread.ofVirtual()
                    .start(() -> answer.complete(table.lookup(TableService.DOMAIN, "example.org")));
        }
        for (CompletableFuture<Answer> answer : answers) {
            assertEquals(yes("example.org"), answer.get());
        }
    }

    @Test
    void nothingIsWritten() throws Exception {
        Table table = table("query_alias INSERT INTO virtuals VALUES (?, 'x') RETURNING email");
        assertInstanceOf(Answer.Tempfail.class, table.lookup(TableService.ALIAS, "k"));
    }
}
