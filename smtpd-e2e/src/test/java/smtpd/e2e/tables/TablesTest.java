package smtpd.e2e.tables;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.sqlite.SQLiteConfig;

import smtpd.core.table.DbWriter;
import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Daemon;
import smtpd.e2e.scenario.Distribution;
import smtpd.e2e.scenario.Ports;
import smtpd.e2e.scenario.Started;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntPredicate;
import java.util.stream.Stream;

/// db, sqlite, passwd and program tables in the confined processes, and their updates.
class TablesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Path MANUAL = Path.of("../doc/man/smtpd-tables.7");

    @AutoClose private static final Started STARTED = new Started();

    private static int port;

    @BeforeAll
    static void start() throws Exception {
        Account account = Account.unprivileged();
        Daemon made = STARTED.prepare(account);
        port = Ports.free(1).getFirst();
        Files.createDirectories(made.prefix().resolve("home/alice"));
        made.write(
                "etc/passwd",
                "alice:x:%d:%d::%s:/bin/sh\n"
                        .formatted(
                                account.uid(), account.gid(), made.prefix().resolve("home/alice")));
        made.write("etc/aliases", "info: alice\n");
        made.write("etc/moving", "alice@moving.example alice\n");
        makeDb("info", "alice");
        makeSqlite();
        makeProgram();
        made.write("etc/smtpd.conf", configuration(made.prefix()));
        made.start();
    }

    private static String configuration(Path prefix) {
        return """
        table users passwd:PREFIX/etc/passwd
        table aliases db:PREFIX/etc/aliases.db
        table domains sqlite:PREFIX/etc/sqlite.conf
        table virtuals sqlite:PREFIX/etc/sqlite.conf
        table lines proc:PREFIX/etc/lines-program
        table missing proc:PREFIX/etc/no-such-program
        table moving file:PREFIX/etc/moving
        listen on 127.0.0.1 port PORT hostname mx.example.org
        action "db" maildir userbase <users> alias <aliases>
        action "sqlite" maildir userbase <users> virtual <virtuals>
        action "lines" maildir userbase <users> virtual <lines>
        action "missing" maildir userbase <users> virtual <missing>
        action "moving" maildir userbase <users> virtual <moving>
        match from any for domain "db.example" action "db"
        match from any for domain "lines.example" action "lines"
        match from any for domain "missing.example" action "missing"
        match from any for domain "moving.example" action "moving"
        match from any for domain <domains> action "sqlite"
        """
                .replace("PREFIX", prefix.toString())
                .replace("PORT", Integer.toString(port));
    }

    private static void makeDb(String key, String value) throws IOException {
        Path target = daemon().prefix().resolve("etc/aliases.db");
        try (DbWriter writer = new DbWriter(target, target.resolveSibling("new"))) {
            writer.entry(key, value);
            writer.finish(true);
        }
    }

    private static void sql(String... statements) throws SQLException {
        String url = "jdbc:sqlite:" + daemon().prefix().resolve("etc/mail.sqlite");
        try (Connection connection = new SQLiteConfig().createConnection(url);
                Statement statement = connection.createStatement()) {
            for (String text : statements) {
                statement.executeUpdate(text);
            }
        }
    }

    private static void makeSqlite() throws IOException, SQLException {
        sql(
                "CREATE TABLE virtuals (email TEXT, destination TEXT)",
                "CREATE TABLE domains (domain TEXT)",
                "INSERT INTO virtuals VALUES ('info@sqlite.example', 'alice')",
                "INSERT INTO domains VALUES ('sqlite.example')");
        daemon().write(
                        "etc/sqlite.conf",
                        """
                        dbpath %s/etc/mail.sqlite
                        query_alias SELECT destination FROM virtuals WHERE email=?;
                        query_domain SELECT domain FROM domains WHERE domain=?;
                        """
                                .formatted(daemon().prefix()));
    }

    /// The program of smtpd-tables(7).
    private static void makeProgram() throws IOException {
        String manual = Files.readString(MANUAL);
        String program = manual.substring(manual.indexOf("#!/bin/sh"));
        Path lines = daemon().prefix().resolve("etc/lines");
        daemon().write(
                        "etc/lines-program",
                        program.substring(0, program.indexOf(".Ed"))
                                .replace("/etc/mail/lines", lines.toString()));
        Files.setPosixFilePermissions(
                daemon().prefix().resolve("etc/lines-program"),
                PosixFilePermissions.fromString("rwxr-xr-x"));
        daemon().write("etc/lines", "info@lines.example alice\n");
    }

    private static Daemon daemon() {
        return STARTED.daemon();
    }

    private static int rcpt(String address) throws IOException {
        return new Replies(port).rcpt(address);
    }

    private static void awaitRcpt(String address, IntPredicate wanted) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        int code = rcpt(address);
        while (!wanted.test(code)) {
            assertTrue(System.nanoTime() - deadline < 0, code + "\n" + daemon().lastLines());
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
            code = rcpt(address);
        }
    }

    private static Distribution.Result run(String program, String... arguments)
            throws IOException, InterruptedException {
        return daemon().program(program, List.of(arguments), new byte[0]);
    }

    @Test
    void dbIsReadAndAChangedFileIsNoticed() throws Exception {
        assertEquals(250, rcpt("info@db.example"), daemon()::lastLines);
        assertEquals(550, rcpt("unheard-of@db.example"), daemon()::lastLines);
        daemon().write("etc/aliases", "info: alice\nfresh: alice\n");
        assertEquals(
                new Distribution.Result(
                        0,
                        daemon().prefix().resolve("etc/aliases")
                                + ": 2 aliases\ncommand succeeded\n"),
                run("newaliases"));
        assertEquals(250, rcpt("fresh@db.example"), daemon()::lastLines);
        daemon().write("etc/aliases", "info: alice\nfresher: alice\n");
        Distribution.Result made =
                run(
                        "makemap",
                        "-t",
                        "aliases",
                        "-o",
                        daemon().prefix().resolve("etc/aliases.db").toString(),
                        daemon().prefix().resolve("etc/aliases").toString());
        assertEquals(new Distribution.Result(0, ""), made);
        assertEquals(250, rcpt("fresher@db.example"), daemon()::lastLines);
        assertEquals(550, rcpt("fresh@db.example"), daemon()::lastLines);
    }

    @Test
    @DisplayName("F-78 a sqlite table that cannot answer is 451")
    void sqliteIsAskedInTheSandbox() throws Exception {
        assertEquals(250, new Replies(port).mail("info@sqlite.example"), daemon()::lastLines);
        Path inbox = daemon().prefix().resolve("home/alice/Maildir/new");
        awaitRcpt("info@sqlite.example", code -> code == 250 && holdsMail(inbox));
        assertEquals(524, rcpt("nobody@sqlite.example"), daemon()::lastLines);
        assertEquals(550, rcpt("info@later.example"), daemon()::lastLines);
        sql(
                "INSERT INTO domains VALUES ('later.example')",
                "INSERT INTO virtuals VALUES ('info@later.example', 'alice')");
        assertEquals(250, rcpt("info@later.example"), daemon()::lastLines);
        sql("ALTER TABLE domains RENAME TO elsewhere");
        assertEquals(451, rcpt("info@later.example"), daemon()::lastLines);
        sql("ALTER TABLE elsewhere RENAME TO domains");
        assertEquals(250, rcpt("info@later.example"), daemon()::lastLines);
    }

    private static boolean holdsMail(Path inbox) {
        try (Stream<Path> files = Files.list(inbox)) {
            return files.findAny().isPresent();
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    @DisplayName("F-78 a table program that dies or has an error is 451, and is started again")
    void programIsAskedAndStartedAgain() throws Exception {
        assertEquals(250, rcpt("info@lines.example"), daemon()::lastLines);
        assertEquals(524, rcpt("nobody@lines.example"), daemon()::lastLines);
        Path lines = daemon().prefix().resolve("etc/lines");
        Files.move(lines, lines.resolveSibling("lines.away"));
        assertEquals(451, rcpt("info@lines.example"), daemon()::lastLines);
        Files.move(lines.resolveSibling("lines.away"), lines);
        assertEquals(250, rcpt("info@lines.example"), daemon()::lastLines);

        assertTrue(endProgram(), "the program is there");
        awaitRcpt("info@lines.example", code -> code == 250);
        assertTrue(
                daemon().log(0).stream().anyMatch(line -> line.contains("its program ended")),
                daemon()::lastLines);
        assertEquals(
                new Distribution.Result(0, "command succeeded\n"),
                run("smtpctl", "update", "table", "lines"));
    }

    private static boolean endProgram() {
        String name = daemon().prefix().resolve("etc/lines-program").toString();
        return ProcessHandle.allProcesses()
                .filter(process ->
                        process.info().commandLine().filter(it -> it.contains(name)).isPresent())
                .map(ProcessHandle::destroyForcibly)
                .reduce(false, Boolean::logicalOr);
    }

    @Test
    @DisplayName("F-78 a program that cannot be started is 451, and update says why")
    void missingProgramIsNotNow() throws Exception {
        assertEquals(451, rcpt("info@missing.example"), daemon()::lastLines);
        Distribution.Result update = run("smtpctl", "update", "table", "missing");
        assertEquals(1, update.status());
        assertTrue(update.output().contains("no-such-program"), update.output());
    }

    @Test
    @DisplayName("F-78 F-79 an update swaps the table, or keeps the old one and says why")
    void updateSwapsOrKeeps() throws Exception {
        assertEquals(250, rcpt("alice@moving.example"), daemon()::lastLines);
        daemon().write("etc/moving", "bob@moving.example alice\nbroken\n");
        assertEquals(
                new Distribution.Result(1, "command failed: line 2: key without a value\n"),
                run("smtpctl", "update", "table", "moving"));
        assertEquals(250, rcpt("alice@moving.example"), daemon()::lastLines);
        assertEquals(524, rcpt("bob@moving.example"), daemon()::lastLines);
        daemon().write("etc/moving", "bob@moving.example alice\n");
        assertEquals(
                new Distribution.Result(0, "command succeeded\n"),
                run("smtpctl", "update", "table", "moving"));
        assertEquals(250, rcpt("bob@moving.example"), daemon()::lastLines);
        assertEquals(524, rcpt("alice@moving.example"), daemon()::lastLines);
        assertEquals(
                new Distribution.Result(1, "command failed: not configured\n"),
                run("smtpctl", "update", "table", "unheard-of"));
    }
}
