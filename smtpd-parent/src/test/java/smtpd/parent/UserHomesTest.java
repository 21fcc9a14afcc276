package smtpd.parent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import smtpd.core.conf.TableConf;
import smtpd.core.table.DbWriter;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

class UserHomesTest {
    private static final Set<Path> EXPECTED = Set.of(Path.of("/var/vmail"), Path.of("/only"));

    @TempDir Path dir;

    @Test
    void ofATextFile() throws IOException {
        Path file =
                Files.writeString(
                        dir.resolve("users"),
                        "a 1:2:/var/vmail/a\nb: 1:2:/var/vmail/b\nc 1:2:/only\nd broken\n");
        assertEquals(EXPECTED, UserHomes.above(new TableConf.FileTable("users", file.toString())));
    }

    @Test
    void ofADbFile() throws IOException {
        Path file = dir.resolve("users.db");
        try (DbWriter writer = new DbWriter(file, dir.resolve("new"))) {
            writer.entry("a", "1:2:/var/vmail/a");
            writer.entry("c", "1:2:/only");
            writer.finish(true);
        }
        assertEquals(EXPECTED, UserHomes.above(new TableConf.DbTable("users", file.toString())));
    }

    @Test
    void ofAPasswdFile() throws IOException {
        Path file =
                Files.writeString(
                        dir.resolve("passwd"),
                        "# c\na:x:1:2::/var/vmail/a:/bin/sh\nc:x:1:2::/only\ne:x:1:2::\n");
        assertEquals(
                EXPECTED,
                UserHomes.above(new TableConf.BackendTable("users", "passwd", file.toString())));
    }

    @Test
    void whatCannotBeReadAddsNothing() {
        for (TableConf table :
                List.of(
                        new TableConf.FileTable("t", "/no/such"),
                        new TableConf.DbTable("t", "/no/such"),
                        new TableConf.BackendTable("t", "sqlite", "/no/such"),
                        new TableConf.BackendTable("t", "getpwnam", ""))) {
            assertEquals(Set.of(), UserHomes.above(table));
        }
    }
}
