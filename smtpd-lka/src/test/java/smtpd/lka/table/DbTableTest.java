package smtpd.lka.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import smtpd.core.imsg.TableService;
import smtpd.core.table.DbWriter;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

class DbTableTest {
    @TempDir Path dir;
    private final List<String> complaints = new ArrayList<>();

    private Path write(boolean mapping, String... entries) throws IOException {
        Path target = dir.resolve("t.db");
        try (DbWriter writer = new DbWriter(target, dir.resolve("t.tmp"))) {
            for (String entry : entries) {
                String[] parts = entry.split("=", 2);
                writer.entry(parts[0], parts.length < 2 ? "" : parts[1]);
            }
            writer.finish(mapping);
        }
        return target;
    }

    private Table open() {
        return new DbTable("t", '+', dir.resolve("t.db"), complaints::add);
    }

    private static Answer yes(String value) {
        return new Answer.Found(value);
    }

    @Test
    void everyKindOfLookup() throws IOException {
        write(
                false,
                "*.example.org",
                "mx.example.org",
                "10.0.0.0/8",
                "10.1.0.0/16",
                "bob@example.net",
                "@*.example.com");
        Table table = open();
        assertEquals(yes("mx.example.org"), table.lookup(TableService.DOMAIN, "MX.example.org"));
        assertEquals(yes("*.example.org"), table.lookup(TableService.DOMAIN, "a.example.org"));
        assertEquals(Answer.NOT_FOUND, table.lookup(TableService.DOMAIN, "example.org"));
        assertEquals(yes("10.1.0.0/16"), table.lookup(TableService.NETADDR, "10.1.9.9"));
        assertEquals(yes("10.0.0.0/8"), table.lookup(TableService.NETADDR, "10.2.9.9"));
        assertEquals(
                yes("bob@example.net"), table.lookup(TableService.MAILADDR, "Bob+tag@example.net"));
        assertEquals(yes("@*.example.com"), table.lookup(TableService.MAILADDR, "x@a.example.com"));
    }

    @Test
    void fetchGoesRound() throws IOException {
        write(false, "A.example", "b.example");
        Table table = open();
        assertEquals(yes("A.example"), table.fetch(TableService.RELAYHOST));
        assertEquals(yes("b.example"), table.fetch(TableService.RELAYHOST));
        assertEquals(yes("A.example"), table.fetch(TableService.RELAYHOST));
    }

    @Test
    void changedFileIsNoticed() throws IOException {
        write(true, "a=1");
        Table table = open();
        assertEquals(yes("1"), table.lookup(TableService.ALIAS, "A"));
        write(true, "a=2", "b=3");
        assertEquals(yes("2"), table.lookup(TableService.ALIAS, "a"));
        assertEquals(new Table.Update.Updated(2), table.update());
    }

    @Test
    @DisplayName(
            "F-78 a fresh file that is broken leaves the former one answering, and is reported")
    void brokenSuccessorIsNotUsed() throws IOException {
        write(true, "a=1");
        Table table = open();
        Files.writeString(dir.resolve("other"), "root: bob\n".repeat(50));
        Files.move(
                dir.resolve("other"),
                dir.resolve("t.db"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertEquals(yes("1"), table.lookup(TableService.ALIAS, "a"));
        String why = dir.resolve("t.db") + ": not a file of makemap";
        assertEquals(List.of("table t: " + why), complaints);
        assertEquals(new Table.Update.Kept(why), table.update());
        write(true, "a=9");
        assertEquals(yes("9"), table.lookup(TableService.ALIAS, "a"));
    }

    @Test
    @DisplayName("F-78 a file written over under our hands answers not now")
    void fileWrittenOverIsNotNow() throws IOException {
        Path path = write(true, "a=1");
        Table table = open();
        Files.write(path, new byte[3]);
        assertInstanceOf(Answer.Tempfail.class, table.lookup(TableService.ALIAS, "a"));
        assertTrue(table.trouble().contains("not a file of makemap"));
    }

    @Test
    @DisplayName("F-78 a file that is not there yet answers not now, and works once it is")
    void missingFileIsNotNow() throws IOException {
        Table table = open();
        assertInstanceOf(Answer.Tempfail.class, table.lookup(TableService.ALIAS, "a"));
        assertInstanceOf(Answer.Tempfail.class, table.fetch(TableService.ALIAS));
        assertInstanceOf(Table.Update.Kept.class, table.update());
        write(true, "a=1");
        assertEquals(yes("1"), table.lookup(TableService.ALIAS, "a"));
        Files.delete(dir.resolve("t.db"));
        assertEquals(yes("1"), table.lookup(TableService.ALIAS, "a"));
    }
}
