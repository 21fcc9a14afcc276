package smtpd.control.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.table.DbFile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;

class MakeMapTest {
    @TempDir Path dir;
    private Programs programs = new Programs(Path.of("/"));

    @BeforeEach
    void prefix() {
        programs = new Programs(dir);
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(dir.resolve(name), text);
    }

    private static Programs.Result ok(String out) {
        return new Programs.Result(0, out, "");
    }

    @Test
    void mapIsMadeBesideItsTextAndShown() throws IOException {
        Path text = file("secrets", "# c\nlabel1\tUser:Pass\nLABEL2: a:b\n");
        assertEquals(ok(""), programs.run("makemap", "", text.toString()));
        assertEquals(
                ok("label1\tUser:Pass\nlabel2\ta:b\n"),
                programs.run("makemap", "", "-U", text + ".db"));
        try (Stream<Path> files = Files.list(dir)) {
            assertEquals(2, files.count());
        }
    }

    @Test
    void setHoldsKeysOnly() throws IOException {
        Path text = file("domains", "Example.org\n192.0.2.0/24\n");
        Path out = dir.resolve("out.db");
        assertEquals(
                ok(""),
                programs.run("makemap", "", "-d", "hash", "-t", "set", "-o", out + "", text + ""));
        try (DbFile db = DbFile.open(out)) {
            assertFalse(db.isMapping());
            assertTrue(db.find("example.org") > 0);
        }
        assertEquals(
                ok("Example.org\n192.0.2.0/24\n"),
                programs.run("makemap", "", "-U", out.toString()));
    }

    @Test
    void standardInputAndSendmailsForm() throws IOException {
        Path out = dir.resolve("in.db");
        assertEquals(
                ok(""), programs.run("makemap", "a b\n", "-t", "aliases", "-o", out + "", "-"));
        assertEquals(ok("a\tb\n"), programs.run("makemap", "", "-U", out.toString()));
        assertEquals(ok(""), programs.run("makemap", "c d\n", "hash", dir.resolve("x") + ""));
        assertEquals(ok("c\td\n"), programs.run("makemap", "", "-U", dir.resolve("x.db") + ""));
        assertEquals(1, programs.run("makemap", "a b\n", "-").status());
    }

    @Test
    void rightsAreThoseOfTheText() throws IOException {
        Path text = file("secrets", "a b\n");
        Files.setPosixFilePermissions(text, PosixFilePermissions.fromString("rw-r-----"));
        assertEquals(ok(""), programs.run("makemap", "", text.toString()));
        assertEquals(
                PosixFilePermissions.fromString("rw-r-----"),
                Files.getPosixFilePermissions(dir.resolve("secrets.db")));
    }

    @Test
    void brokenTextLeavesTheOldFile() throws IOException {
        Path text = file("m", "a b\n");
        assertEquals(ok(""), programs.run("makemap", "", text.toString()));
        file("m", "a c\nbroken\n");
        assertEquals(
                new Programs.Result(1, "", "makemap: " + text + ":2: key without a value\n"),
                programs.run("makemap", "", text.toString()));
        assertEquals(ok("a\tb\n"), programs.run("makemap", "", "-U", text + ".db"));
        try (Stream<Path> files = Files.list(dir)) {
            assertEquals(2, files.count());
        }
    }

    @Test
    void whatIsNoDatabaseIsNotShown() throws IOException {
        Path text = file("m", "a b\n");
        assertEquals(
                new Programs.Result(1, "", "makemap: " + text + ": not a file of makemap\n"),
                programs.run("makemap", "", "-U", text.toString()));
        assertEquals(
                new Programs.Result(1, "", "makemap: " + dir.resolve("n") + ": no such file\n"),
                programs.run("makemap", "", dir.resolve("n").toString()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "-d dbm f", "-t map f", "-x f", "f g", "-o", "-O Other=f f", "hash"})
    void otherCommandLinesAreRefused(String line) {
        String[] words = line.isEmpty() ? new String[0] : line.split(" ");
        Programs.Result result = programs.run("makemap", "", words);
        assertEquals(1, result.status());
        assertTrue(result.err().startsWith("makemap: usage: makemap "));
    }

    @Test
    void newAliasesMakesTheDatabase() throws IOException {
        Path aliases = file("aliases", "root: me\nlist: a,\n  b\n");
        Files.createDirectories(dir.resolve("etc"));
        file(
                "etc/smtpd.conf",
                "table aliases db:"
                        + aliases
                        + ".db\naction a mbox alias <aliases>\nmatch for local action a\n");
        assertEquals(ok(aliases + ": 2 aliases\n"), programs.run("newaliases", ""));
        assertEquals(
                ok("root\tme\nlist\ta, b\n"), programs.run("makemap", "", "-U", aliases + ".db"));
        file("aliases", "root: \"me\nx\n");
        Programs.Result wrong = programs.run("newaliases", "");
        assertEquals(1, wrong.status());
        assertTrue(wrong.err().startsWith(aliases + ":1: a quote that does not end\n"));
        assertEquals(
                ok("root\tme\nlist\ta, b\n"), programs.run("makemap", "", "-U", aliases + ".db"));
    }
}
