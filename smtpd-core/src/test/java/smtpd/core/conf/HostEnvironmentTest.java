package smtpd.core.conf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

class HostEnvironmentTest {
    @TempDir Path dir;

    private HostEnvironment env(int owner) {
        return new HostEnvironment("a.example", owner, List.of("sqlite"), List.of(dir));
    }

    private String file(String name, String text) throws IOException {
        return Files.writeString(dir.resolve(name), text).toString();
    }

    private ConfEnvironment.FileKind kind(String text) throws IOException {
        return env(0).tableFile(file("t", text));
    }

    @Test
    void firstEntryDecidesWhatATableFileIs() throws IOException {
        assertInstanceOf(ConfEnvironment.FileKind.ListFile.class, kind("# c\n\na.example\nb c\n"));
        assertInstanceOf(ConfEnvironment.FileKind.MappingFile.class, kind("root: admin\n"));
        assertInstanceOf(ConfEnvironment.FileKind.MappingFile.class, kind("[::1] a.example\n"));
        assertInstanceOf(ConfEnvironment.FileKind.ListFile.class, kind("# @list\n2001:db8::1\n"));
        assertInstanceOf(ConfEnvironment.FileKind.Either.class, kind("# nothing\n"));
    }

    @Test
    void keyWithoutValueMakesAMappingUnusable() throws IOException {
        ConfEnvironment.FileKind kind = kind("a b\nc\n");
        assertTrue(
                kind instanceof ConfEnvironment.FileKind.Unusable(String why)
                        && why.endsWith(":2: key without a value"));
    }

    @Test
    void missingFilesAreNamed() {
        String path = dir.resolve("none").toString();
        assertEquals(new ConfEnvironment.Text.Missing("no such file"), env(0).read(path));
        assertEquals(path + ": no such file", env(0).certificateProblem(path));
        assertEquals(path + ": no such file", env(0).keyProblem(path));
    }

    @Test
    void keyMustBeOursAndClosed() throws IOException {
        Path key = Path.of(file("k", "-----BEGIN PRIVATE KEY-----\n"));
        int owner = (Integer) Files.getAttribute(key, "unix:uid");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r-----"));
        assertNull(env(owner).keyProblem(key.toString()));
        assertNotNull(env(owner + 1).keyProblem(key.toString()));
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
        assertNotNull(env(owner).keyProblem(key.toString()));
    }

    @Test
    void loopbackCanBeListenedOn() {
        assertTrue(env(0).canListen("127.0.0.1", Family.ANY));
        assertTrue(env(0).canListen("127.0.0.1", Family.INET4));
        assertFalse(env(0).canListen("127.0.0.1", Family.INET6));
    }

    @Test
    void knownServicesHavePorts() {
        assertEquals(25, env(0).servicePort("smtp"));
        assertEquals(587, env(0).servicePort("submission"));
        assertEquals(0, env(0).servicePort("no-such-service"));
    }

    @Test
    void tableProgramIsAnExecutableFile() throws IOException {
        Path program = Path.of(file("table-x", "#!/bin/sh\n"));
        assertFalse(env(0).hasTableProgram("x"));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertTrue(env(0).hasTableProgram("x"));
        assertTrue(env(0).hasTableProgram("sqlite"));
    }
}
