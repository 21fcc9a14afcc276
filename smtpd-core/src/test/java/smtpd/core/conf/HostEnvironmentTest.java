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
    void databaseIsOpened() throws IOException {
        String text = file("x.db", "a: b\n");
        String none = dir.resolve("none").toString();
        assertEquals(text + ": not a file of makemap", env(0).tableProblem("db", text));
        assertEquals(none + ": no such file", env(0).tableProblem("db", none));
        assertEquals(none + ": no such file", env(0).tableProblem("passwd", none));
        assertNull(env(0).tableProblem("ldap", none));
    }

    @Test
    void passwdFileIsReadAsItsTableReadsIt() throws IOException {
        String good = file("good", "alice:{CRYPT}x:1000:1000::/home/alice # she\n\n");
        String bad = file("bad", "alice:x:1:1::/\nbob:x\n");
        assertNull(env(0).tableProblem("passwd", good));
        assertEquals(bad + ":2: fewer than 6 fields", env(0).tableProblem("passwd", bad));
    }

    @Test
    void databaseOfSqliteIsLookedAt() throws IOException {
        String database = file("mail.sqlite", "SQLite format 3\0 and so on");
        String text = file("text", "no database");
        String good = file("good.conf", "dbpath " + database + "\n");
        String bad = file("bad.conf", "dbpath " + text + "\n");
        String none = file("none.conf", "query_alias select 1\n");
        assertNull(env(0).tableProblem("sqlite", good));
        assertEquals(text + ": not a database of SQLite", env(0).tableProblem("sqlite", bad));
        assertEquals(none + ": no dbpath", env(0).tableProblem("sqlite", none));
    }

    @Test
    void missingFilesAreNamed() {
        String path = dir.resolve("none").toString();
        assertEquals(new ConfEnvironment.Text.Missing("no such file"), env(0).read(path));
        assertEquals(path + ": no such file", env(0).certificateProblem(path));
        assertEquals(path + ": no such file", env(0).keyProblem(path));
    }

    private static final Path PKI = Path.of("src/test/resources/pki");

    /// A copy of a file of the test's own, readable by its owner alone.
    private String copy(String name) throws IOException {
        Path copy = dir.resolve(name);
        Files.copy(PKI.resolve(name), copy);
        Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-------"));
        return copy.toString();
    }

    private HostEnvironment ours() throws IOException {
        return env((Integer) Files.getAttribute(dir, "unix:uid"));
    }

    @Test
    void keyMustBeOursAndClosed() throws IOException {
        Path key = Path.of(copy("rsa.key"));
        int owner = (Integer) Files.getAttribute(key, "unix:uid");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r-----"));
        assertNull(env(owner).keyProblem(key.toString()));
        assertNotNull(env(owner + 1).keyProblem(key.toString()));
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
        assertNotNull(env(owner).keyProblem(key.toString()));
    }

    @Test
    void everyFormOfKeyIsRead() throws IOException {
        for (String name :
                List.of("rsa.key", "rsa-pkcs1.key", "ec.key", "ec-sec1.key", "ed25519.key")) {
            assertNull(ours().keyProblem(copy(name)), name);
        }
    }

    @Test
    void keyThatCannotBeUsedSaysWhy() throws IOException {
        String encrypted = "the key is encrypted: store it without a passphrase";
        problem(encrypted, copy("rsa-encrypted.key"));
        problem(encrypted, copy("rsa-encrypted-pkcs1.key"));
        problem("holds no private key", copy("rsa.crt"));
        String damaged = Files.readString(PKI.resolve("ec-sec1.key")).replaceFirst("MHc", "MH!");
        problem("the key is damaged", file("d1", damaged));
        String begin = "-----BEGIN EC PRIVATE KEY-----\n";
        problem("the key is damaged", file("d2", begin + "MHc=\n-----END EC PRIVATE KEY-----\n"));
        problem(
                "keys of kind DSA PRIVATE KEY cannot be used",
                file("d3", "-----BEGIN DSA PRIVATE KEY-----\nAA==\n-----END DSA PRIVATE KEY-----"));
    }

    private void problem(String expected, String path) throws IOException {
        assertEquals(path + ": " + expected, ours().keyProblem(path));
    }

    @Test
    void certificateIsReadWhole() throws IOException {
        assertNull(ours().certificateProblem(copy("rsa.crt")));
        String none = file("none.crt", "nothing\n");
        String found = ours().certificateProblem(none);
        assertNotNull(found);
        assertTrue(found.startsWith(none + ": not a certificate: "), found);
    }

    @Test
    void keyMustBeThatOfTheCertificate() throws IOException {
        String rsa = copy("rsa.crt");
        String ec = copy("ec.crt");
        assertNull(ours().pairProblem(rsa, copy("rsa-pkcs1.key")));
        assertNull(ours().pairProblem(ec, copy("ec-sec1.key")));
        String key = copy("rsa.key");
        assertEquals(
                "the key in " + key + " is not that of the certificate in " + ec,
                ours().pairProblem(ec, key));
        assertNotNull(ours().pairProblem(rsa, copy("ec.key")));
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
