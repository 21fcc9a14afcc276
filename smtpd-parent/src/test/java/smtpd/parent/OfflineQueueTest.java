package smtpd.parent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The drop box, with a script in place of sendmail that writes down what it is given.
class OfflineQueueTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path base;

    @SuppressWarnings("NullAway.Init")
    private Path box;

    @SuppressWarnings("NullAway.Init")
    private Path seen;

    @SuppressWarnings("NullAway.Init")
    private OfflineQueue queue;

    @BeforeEach
    void make() throws IOException {
        Someone.mode(base, "rwxr-xr-x");
        box = Someone.mode(Files.createDirectory(base.resolve("offline")), "rwx-wx-wx");
        Path results = Someone.mode(Files.createDirectory(base.resolve("results")), "rwxrwxrwx");
        seen = results.resolve("seen");
        queue = queue("exit 0");
    }

    private OfflineQueue queue(String end) throws IOException {
        Path sendmail =
                Files.writeString(
                        base.resolve("sendmail"),
                        """
                        #!/bin/sh
                        { printf '%%s;' "$@"; id -u; cat; } >'%s'
                        %s
                        """
                                .formatted(seen, end));
        Someone.mode(sendmail, "rwxr-xr-x");
        return new OfflineQueue(box, sendmail, List.of("PATH=/usr/bin:/bin"), Someone.ROOT);
    }

    private Path drop(String content) throws IOException {
        return Someone.own(Files.writeString(box.resolve("1.abc"), content));
    }

    @Test
    @DisplayName("F-82: a dropped message is submitted with its owner's rights")
    void aMessageIsSubmittedAsItsOwner() throws IOException {
        Path file = drop("sendmail|-f|a b|rcpt@example.org\nSubject: x\n\nbody\n");
        queue.look();
        assertEquals(
                "-f;a b;rcpt@example.org;%d\nSubject: x\n\nbody\n".formatted(Someone.uid()),
                Files.readString(seen));
        assertFalse(Files.exists(file));
    }

    @Test
    void whatIsRefusedForNowStays() throws IOException {
        Path file = drop("sendmail|a\n\n");
        queue("exit 75").look();
        assertTrue(Files.exists(seen));
        assertTrue(Files.exists(file));
    }

    @Test
    void whatIsRefusedForGoodGoes() throws IOException {
        Path file = drop("sendmail|a\n\n");
        queue("exit 65").look();
        assertFalse(Files.exists(file));
    }

    @Test
    @DisplayName("F-82: a symbolic link is not followed")
    void aSymbolicLinkIsNotFollowed() throws IOException {
        Path secret = Files.writeString(base.resolve("secret"), "sendmail|a\nsecret\n");
        Files.createSymbolicLink(box.resolve("1.abc"), secret);
        queue.look();
        assertFalse(Files.exists(seen));
        assertTrue(Files.exists(secret));
    }

    @Test
    @DisplayName("F-82: a file with a second name is not read")
    void aHardLinkIsNotRead() throws IOException {
        Path secret = Files.writeString(base.resolve("secret"), "sendmail|a\nsecret\n");
        Files.createLink(box.resolve("1.abc"), secret);
        queue.look();
        assertFalse(Files.exists(seen));
        assertTrue(Files.exists(secret));
    }

    @Test
    @DisplayName("F-82: a directory is not read")
    void aDirectoryIsNotRead() throws IOException {
        Files.createDirectory(box.resolve("1.abc"));
        queue.look();
        assertFalse(Files.exists(seen));
    }

    @ParameterizedTest
    @DisplayName("F-82: a file without arguments, or with a NUL in them, is refused")
    @ValueSource(strings = {"", "no line end", "sendmail|a\u0000b\nbody\n"})
    void aFileWithoutArgumentsIsRefused(String content) throws IOException {
        Path file = drop(content);
        queue.look();
        assertFalse(Files.exists(seen));
        assertFalse(Files.exists(file));
    }

    @Test
    @DisplayName("F-82: an endless list of arguments is refused")
    void endlessArgumentsAreRefused() throws IOException {
        Path file = drop("sendmail" + "|a@example.org".repeat(100_000) + "\nbody\n");
        queue.look();
        assertFalse(Files.exists(seen));
        assertFalse(Files.exists(file));
    }

    @Test
    @DisplayName("F-82: a file that is still being written is passed over")
    void anUnfinishedFileIsPassedOver() throws IOException {
        Path file = Files.writeString(box.resolve(".1.abc"), "sendmail|a\nhalf");
        queue.look();
        assertFalse(Files.exists(seen));
        assertTrue(Files.exists(file));
    }

    @Test
    void anEmptyBoxIsQuiet() {
        queue.look();
        assertFalse(Files.exists(seen));
    }
}
