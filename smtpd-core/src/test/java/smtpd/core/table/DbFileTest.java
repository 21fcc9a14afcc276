package smtpd.core.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

class DbFileTest {
    @TempDir Path dir;

    private Path write(boolean mapping, String... entries) throws IOException {
        Path target = dir.resolve("t.db");
        try (DbWriter writer = new DbWriter(target, dir.resolve("t.tmp"))) {
            for (String entry : entries) {
                int equals = entry.indexOf('=');
                writer.entry(
                        equals < 0 ? entry : entry.substring(0, equals),
                        equals < 0 ? "" : entry.substring(equals + 1));
            }
            writer.finish(mapping);
        }
        assertFalse(Files.exists(dir.resolve("t.tmp")));
        return target;
    }

    private static String get(DbFile file, String key) throws IOException {
        long place = file.find(key);
        return place < 0 ? "-" : file.value(place);
    }

    private static List<String> keys(DbFile file) throws IOException {
        List<String> keys = new ArrayList<>();
        file.walk((place, key) -> {
            assertEquals(key, file.key(place));
            keys.add(key);
        });
        return keys;
    }

    @Test
    void whatIsWrittenIsFound() throws IOException {
        try (DbFile file = DbFile.open(write(true, "Root=bob", "info=a, b", "ümlaut=ß"))) {
            assertTrue(file.isMapping());
            assertEquals(3, file.size());
            assertEquals("bob", get(file, "root"));
            assertEquals("a, b", get(file, "info"));
            assertEquals("ß", get(file, "ümlaut"));
            assertEquals("-", get(file, "Root"));
            assertEquals("-", get(file, "nobody"));
            assertEquals(List.of("root", "info", "ümlaut"), keys(file));
        }
    }

    @Test
    void listEntriesAreKeptAsWritten() throws IOException {
        try (DbFile file = DbFile.open(write(false, "Example.org", "example.com"))) {
            assertFalse(file.isMapping());
            assertEquals("Example.org", get(file, "example.org"));
            assertEquals("example.com", get(file, "example.com"));
        }
    }

    @Test
    void laterKeyReplaces() throws IOException {
        try (DbFile file = DbFile.open(write(true, "a=1", "b=2", "A=3", "a=4"))) {
            assertEquals(2, file.size());
            assertEquals("4", get(file, "a"));
            assertEquals(List.of("b", "a"), keys(file));
        }
    }

    @Test
    void emptyTableIsATable() throws IOException {
        try (DbFile file = DbFile.open(write(false))) {
            assertEquals(0, file.size());
            assertEquals("-", get(file, "a"));
            assertEquals(-1, file.firstFrom(0));
        }
    }

    @Test
    void manyEntriesAndLongOnes() throws IOException {
        String[] entries = new String[20_000];
        for (int i = 0; i < entries.length; i++) {
            entries[i] = "user" + i + "@example.org=" + "x".repeat(i % 600) + i;
        }
        entries[7] = "k".repeat(200_000) + "=long";
        try (DbFile file = DbFile.open(write(true, entries))) {
            assertEquals(entries.length, file.size());
            for (int i = 0; i < entries.length; i++) {
                if (i != 7) {
                    String expected = "x".repeat(i % 600) + i;
                    assertEquals(expected, get(file, "user" + i + "@example.org"));
                }
            }
            assertEquals("long", get(file, "k".repeat(200_000)));
            assertEquals(entries.length, keys(file).size());
            int round = 0;
            for (long at = file.firstFrom(0); at >= 0; at = file.firstFrom(file.behind(at))) {
                round++;
            }
            assertEquals(entries.length, round);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 63, 64, 80, 200})
    @DisplayName("F-78 a truncated file is noticed")
    void truncationIsNoticed(int length) throws IOException {
        Path path = write(true, "a=1", "b=2");
        byte[] whole = Files.readAllBytes(path);
        Files.write(path, java.util.Arrays.copyOf(whole, length));
        assertThrows(DbFile.Unusable.class, () -> DbFile.open(path));
    }

    @Test
    @DisplayName("F-78 every changed byte is noticed")
    void everyChangedByteIsNoticed() throws IOException {
        Path path = write(true, "alice=1", "bob=2");
        byte[] whole = Files.readAllBytes(path);
        for (int i = 0; i < whole.length; i++) {
            byte[] damaged = whole.clone();
            damaged[i] ^= 0x10;
            Files.write(path, damaged);
            assertThrows(IOException.class, () -> DbFile.open(path), "byte " + i);
        }
    }

    @Test
    @DisplayName("F-80: a table of another version is named")
    void otherFilesAndOtherVersionsAreNamed() throws IOException {
        Path text = Files.writeString(dir.resolve("aliases"), "root: bob\n".repeat(20));
        assertEquals(
                "not a file of makemap",
                assertThrows(DbFile.Unusable.class, () -> DbFile.open(text)).getMessage());
        Path path = write(true, "a=1");
        byte[] later = Files.readAllBytes(path);
        later[11] = 2;
        Files.write(path, later);
        assertEquals(
                "written in version 2 of the format, this is version 1",
                assertThrows(DbFile.Unusable.class, () -> DbFile.open(path)).getMessage());
    }

    @Test
    void unfinishedWriterLeavesTheOldFileAndNothingElse() throws IOException {
        Path path = write(true, "a=1");
        try (DbWriter writer = new DbWriter(path, dir.resolve("t.tmp"))) {
            writer.entry("a", "2");
        }
        try (DbFile file = DbFile.open(path)) {
            assertEquals("1", get(file, "a"));
        }
        assertFalse(Files.exists(dir.resolve("t.tmp")));
    }
}
