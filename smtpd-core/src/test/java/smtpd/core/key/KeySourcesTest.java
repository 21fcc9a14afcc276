package smtpd.core.key;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import smtpd.core.conf.QueueKey;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

class KeySourcesTest {
    private static final String A = "a".repeat(32);
    private static final String B = "b".repeat(64);

    @TempDir private Path folder;

    private static List<KeySources.Found> read(String input, QueueKey... keys) throws IOException {
        byte[] bytes = input.getBytes(StandardCharsets.UTF_8);
        return new KeySources(new ByteArrayInputStream(bytes)).read(List.of(keys));
    }

    private static QueueKey encrypt(QueueKey.Source source, String value) {
        return new QueueKey(QueueKey.Use.ENCRYPT, "", source, value);
    }

    private static List<String> shown(List<KeySources.Found> found) {
        return found.stream()
                .map(key -> key.name() + " " + key.key().text() + " " + key.seals())
                .toList();
    }

    private Path file(String text, String mode) throws IOException {
        Path file = Files.writeString(folder.resolve("keys"), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    @Test
    void onlyTheFirstKeyOfAllSeals() throws IOException {
        Path file = file("# ours\nnew " + A + "\n\nold " + B + "\n", "rw-------");
        QueueKey more = new QueueKey(QueueKey.Use.ENCRYPT, "x", QueueKey.Source.KEY, A);
        assertEquals(
                List.of("new " + A + " true", "old " + B + " false", "x " + A + " false"),
                shown(read("", encrypt(QueueKey.Source.FILE, file.toString()), more)));
        QueueKey old = new QueueKey(QueueKey.Use.DECRYPT, "x", QueueKey.Source.KEY, A);
        assertEquals(List.of("x " + A + " false"), shown(read("", old)));
    }

    @Test
    void standardInputAndCommandsGiveLines() throws IOException {
        assertEquals(
                List.of(" " + A + " true", "n " + B + " false"),
                shown(read(A + "\nn " + B + "\n", encrypt(QueueKey.Source.STDIN, ""))));
        assertEquals(
                List.of("n " + A + " true"),
                shown(read("", encrypt(QueueKey.Source.COMMAND, "echo n " + A))));
    }

    @Test
    @DisplayName("F-85: what is said of a key that cannot be used does not show it")
    void whatIsWrongIsSaidWithoutTheKey() throws IOException {
        String secret = "c".repeat(31);
        Path open = file(A, "rw-r--r--");
        for (QueueKey bad :
                List.of(
                        encrypt(QueueKey.Source.STDIN, ""),
                        encrypt(QueueKey.Source.FILE, open.toString()),
                        encrypt(QueueKey.Source.FILE, folder.resolve("none").toString()),
                        encrypt(QueueKey.Source.COMMAND, "exit 3"),
                        encrypt(QueueKey.Source.COMMAND, "true"))) {
            String text =
                    String.valueOf(
                            assertThrows(IOException.class, () -> read(secret + "\n", bad))
                                    .getMessage());
            assertTrue(text.startsWith("queue encryption: "), text);
            assertFalse(text.contains(secret), text);
        }
        assertFalse(read("", encrypt(QueueKey.Source.KEY, A)).toString().contains(A));
    }
}
