package smtpd.core.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

class SafeFileTest {
    @TempDir private Path dir;

    @Test
    void whatItIsAndWhatItHolds() throws IOException {
        Path path = Files.writeString(dir.resolve("f"), "hello");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw-r--"));
        try (SafeFile file = SafeFile.open(path).orElseThrow()) {
            SafeFile.Status status = file.status();
            assertTrue(status.regular());
            assertFalse(status.directory());
            assertEquals(0664, status.permissions());
            assertEquals(5, status.size());
            assertTrue(status.othersMayWrite());
            assertEquals(Credentials.effectiveUid(), status.uid());
            try (var in = file.content()) {
                assertEquals("hello", new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
    }

    @Test
    void aLinkIsNotFollowed() throws IOException {
        Path link = Files.createSymbolicLink(dir.resolve("l"), Path.of("/etc/passwd"));
        SysException e = assertThrows(SysException.class, () -> SafeFile.open(link));
        assertEquals(Errno.ELOOP, e.errno());
    }

    @Test
    void noFileIsACertainNo() throws SysException {
        assertTrue(SafeFile.open(dir.resolve("none")).isEmpty());
        assertTrue(SafeFile.open(dir.resolve("none/below")).isEmpty());
    }

    @Test
    void aLockIsForOne() throws IOException {
        Path path = Files.createFile(dir.resolve("f"));
        try (SafeFile second = SafeFile.open(path).orElseThrow()) {
            try (SafeFile first = SafeFile.open(path).orElseThrow()) {
                assertTrue(first.tryLock());
                assertFalse(second.tryLock());
            }
            assertTrue(second.tryLock());
        }
    }
}
