package smtpd.core.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.FutureTask;

class CredentialsTest {
    private static <T> T onOwnThread(java.util.concurrent.Callable<T> task) throws Exception {
        FutureTask<T> future = new FutureTask<>(task);
        Thread.ofPlatform().start(future);
        return future.get();
    }

    @Test
    void aThreadWritesAsAnotherUserAndComesBack(@TempDir Path dir) throws Exception {
        assumeTrue(Credentials.effectiveUid() == 0, "needs root");
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxrwxrwx"));
        Path secret = Files.createDirectory(dir.resolve("secret"));
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rwx------"));
        Identity user = new Identity(64001, 64002, List.of(64002, 64003));
        List<Integer> before = Credentials.groups();
        onOwnThread(() -> {
            try (Credentials.Assumed _ = Credentials.assume(user)) {
                assertEquals(64001, Credentials.effectiveUid());
                assertEquals(List.of(64002, 64003), Credentials.groups());
                Files.writeString(dir.resolve("mine"), "x");
                assertThrows(
                        AccessDeniedException.class,
                        () -> Files.writeString(secret.resolve("no"), "x"));
                assertTrue(theProcessIsRoot());
            }
            Files.writeString(secret.resolve("yes"), "x");
            assertEquals(0, Credentials.effectiveUid());
            assertEquals(before, Credentials.groups());
            return null;
        });
        SafeFile file = SafeFile.open(dir.resolve("mine")).orElseThrow();
        assertEquals(64001, file.status().uid());
        assertEquals(64002, file.status().gid());
        file.close();
        assertEquals(0, Credentials.effectiveUid());
    }

    /// The ids of the process as its first thread has them.
    private static boolean theProcessIsRoot() throws IOException {
        return Files.readString(Path.of("/proc/self/status")).contains("Uid:\t0\t0\t0\t0");
    }

    @Test
    void aVirtualThreadTakesNobodysIds() throws InterruptedException {
        FutureTask<Object> task =
                new FutureTask<>(() ->
                        assertThrows(
                                IllegalStateException.class,
                                () -> Credentials.assume(Identity.of(64001, 64001))));
        Thread.ofVirtual().start(task).join();
        assertTrue(task.state() == java.util.concurrent.Future.State.SUCCESS);
    }

    @Test
    void onlyTheSameThreadComesBack() throws Exception {
        assumeTrue(Credentials.effectiveUid() == 0, "needs root");
        try (Credentials.Assumed assumed = Credentials.assume(Identity.of(64001, 64001))) {
            onOwnThread(() -> assertThrows(IllegalStateException.class, assumed::close));
        }
    }

    @Test
    void rootIsInTheDatabaseAndAStrangerIsNot() throws SysException {
        SystemUser root = Users.byName("root").orElseThrow();
        assertEquals(0, root.uid());
        assertEquals(root, Users.byUid(0).orElseThrow());
        assertTrue(root.home().startsWith("/"));
        assertTrue(Users.groups(root).contains(root.gid()));
        assertTrue(Users.byName("no-such-user-here").isEmpty());
        assertTrue(Users.byName("nul\0user").isEmpty());
        assertTrue(Users.byUid(64099).isEmpty());
    }

    @Test
    void theHostHasAName() throws SysException {
        assertTrue(Host.name().matches("[A-Za-z0-9._-]+"), Host.name());
    }

    @Test
    void dumpingCanBeSwitchedOff() throws SysException {
        Credentials.dumpable(false);
        Credentials.dumpable(true);
        assertEquals(1, Native.quiet(Sys.PRCTL, 3));
    }
}
