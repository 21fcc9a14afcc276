package smtpd.core.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class SpawnTest {
    private static final String SH = "/bin/sh";

    private static Spawn.Request sh(String script, int out, int... more) {
        List<Integer> fds = new java.util.ArrayList<>(List.of(out, out, out));
        for (int fd : more) {
            fds.add(fd);
        }
        return new Spawn.Request(SH, List.of("sh", "-c", script), List.of("A=b"), fds, "/");
    }

    private interface Starter {
        int start(Spawn.Request request) throws SysException;
    }

    /// What a script prints; it has to end well.
    private static String output(Starter starter, String script, int... more) throws IOException {
        Descriptors.Pipe pipe = Descriptors.Pipe.open();
        int pid = starter.start(sh(script, pipe.write(), more));
        Descriptors.close(pipe.write());
        try (var in = Descriptors.input(pipe.read())) {
            String text = new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            assertEquals(new ExitStatus.Exited(0), Spawn.waitFor(pid), text);
            return text;
        }
    }

    @Test
    void exitCodesAndSignalsAreTold() throws SysException {
        assertEquals(new ExitStatus.Exited(75), Spawn.waitFor(Spawn.start(sh("exit 75", 2))));
        ExitStatus killed = Spawn.waitFor(Spawn.start(sh("kill -9 $$", 2)));
        assertEquals(new ExitStatus.Signaled(Spawn.SIGKILL), killed);
        assertTrue(ExitStatus.of(0).ok());
        assertFalse(killed.ok());
    }

    @Test
    void aMissingProgramIsEnoent() {
        var request = new Spawn.Request("/no/such", List.of("such"), List.of(), List.of());
        SysException e = assertThrows(SysException.class, () -> Spawn.start(request));
        assertEquals("posix_spawn /no/such: ENOENT", e.getMessage());
    }

    @Test
    void waitingTwiceIsEchild() throws SysException {
        int pid = Spawn.start(sh("exit 0", 2));
        Spawn.waitFor(pid);
        SysException e = assertThrows(SysException.class, () -> Spawn.waitFor(pid));
        assertEquals(Errno.ECHILD, e.errno());
        assertFalse(Spawn.kill(pid, Spawn.SIGTERM));
    }

    @Test
    void theEnvironmentIsExactlyWhatWasAsked() throws IOException {
        String env = output(Spawn::start, "tr '\\0' '\\n' < /proc/self/environ");
        assertEquals(List.of("A=b"), env.lines().filter(l -> !l.startsWith("PWD=")).toList());
    }

    @Test
    void aChildGetsItsDescriptorsAndNoOther(@TempDir Path dir) throws IOException {
        Path file = Files.writeString(dir.resolve("open"), "x");
        try (var ours = Files.newInputStream(file)) {
            assertTrue(ours.available() > 0);
            Descriptors.Pipe pipe = Descriptors.Pipe.open();
            Descriptors.setCloexec(pipe.read(), false);
            String script =
                    "i=0; while [ $i -lt 250 ]; do [ -e /proc/$$/fd/$i ] && echo $i; i=$((i+1));"
                            + " done;:";
            String fds = output(Spawn::start, script, 2);
            assertEquals(List.of("0", "1", "2", "3"), fds.lines().toList());
            Descriptors.close(pipe.read());
            Descriptors.close(pipe.write());
        }
    }

    @Test
    void descriptorsMayTradePlaces() throws IOException {
        Descriptors.Pipe first = Descriptors.Pipe.open();
        Descriptors.Pipe second = Descriptors.Pipe.open();
        int high = Math.max(first.write(), second.write());
        String script = "echo three >&3; echo four >&4";
        int pid = Spawn.start(sh(script, 2, first.write(), second.write()));
        assertTrue(high > 2);
        Spawn.waitFor(pid);
        Descriptors.close(first.write());
        Descriptors.close(second.write());
        try (var three = Descriptors.input(first.read());
                var four = Descriptors.input(second.read())) {
            assertEquals(
                    "three\n",
                    new String(three.readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII));
            assertEquals(
                    "four\n",
                    new String(four.readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII));
        }
    }

    @Test
    void spawningLeavesNoDescriptorBehind() throws IOException {
        Spawn.waitFor(Spawn.start(sh("exit 0", 2)));
        List<String> before = openFiles();
        for (int i = 0; i < 20; i++) {
            Spawn.waitFor(Spawn.start(sh("exit 0", 2)));
            assertThrows(
                    SysException.class,
                    () ->
                            Spawn.start(
                                    new Spawn.Request(
                                            "/no", List.of("no"), List.of(), List.of(0, 1, 2))));
        }
        assertEquals(before.size(), openFiles().size());
    }

    private static List<String> openFiles() throws IOException {
        try (var fds = Files.list(Path.of("/proc/self/fd"))) {
            return fds.map(Path::toString).sorted().toList();
        }
    }

    @Test
    void aGroupIsKilledWithAllItStarted() throws IOException {
        Descriptors.Pipe pipe = Descriptors.Pipe.open();
        int pid = Spawn.start(sh("/bin/sh -c 'echo up; read x < /dev/zero' & wait", pipe.write()));
        Descriptors.close(pipe.write());
        try (var in = Descriptors.input(pipe.read())) {
            assertEquals('u', in.read());
            assertTrue(Spawn.killGroup(pid, Spawn.SIGKILL));
            in.readAllBytes();
        }
        assertEquals(new ExitStatus.Signaled(Spawn.SIGKILL), Spawn.waitFor(pid));
    }

    @Test
    void aSignalMaskOrIgnoredSignalIsNotInherited() throws IOException {
        String status = output(Spawn::start, "cat /proc/self/status");
        assertTrue(status.contains("SigBlk:\t0000000000000000"), status);
        assertTrue(status.contains("SigIgn:\t0000000000000000"), status);
    }

    @Test
    void asUserTakesTheUsersIdsAndNothingMore(@TempDir Path dir) throws IOException {
        assumeTrue(Native.quiet(Sys.GETEUID) == 0, "needs root");
        Identity user = new Identity(64001, 64002, List.of(64002, 64003));
        String status = output(r -> Spawn.asUser(r, user), "cat /proc/self/status; umask; id -u");
        assertTrue(status.contains("Uid:\t64001\t64001\t64001\t64001"), status);
        assertTrue(status.contains("Gid:\t64002\t64002\t64002\t64002"), status);
        assertTrue(status.contains("Groups:\t64002 64003"), status);
        assertTrue(status.contains("CapEff:\t0000000000000000"), status);
        assertTrue(status.contains("0077"), status);
        assertEquals(0, Native.quiet(Sys.GETEUID));
    }

    @Test
    void aDirectoryIsEnteredWithTheUsersRights(@TempDir Path dir) {
        assumeTrue(Native.quiet(Sys.GETEUID) == 0, "needs root");
        var request =
                new Spawn.Request(
                        SH, List.of("sh", "-c", "pwd"), List.of(), List.of(0, 1, 2), "/root");
        SysException e =
                assertThrows(
                        SysException.class, () -> Spawn.asUser(request, Identity.of(64001, 64001)));
        assertEquals(Errno.EACCES, e.errno());
    }
}
