package smtpd.control.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import smtpd.core.sasl.ScramKeys;
import smtpd.core.sys.Crypt;

import java.nio.file.Path;
import java.util.List;

/// No daemon runs here, and none is needed.
class EncryptTest {
    @TempDir Path prefix;

    @BeforeEach
    void needLibrary() {
        assumeTrue(Crypt.isAvailable(), "needs libcrypt");
    }

    private Programs.Result smtpctl(String input, String... words) {
        return new Programs(prefix).run("smtpctl", input, words);
    }

    private static void assertFits(String password, String hash) {
        assertEquals(Crypt.Fit.YES, Crypt.check(password, hash), hash);
        assertTrue(hash.startsWith("$y$") || hash.startsWith("$6$"), hash);
    }

    @Test
    void passwordInTheCommandLine() {
        Programs.Result result = smtpctl("", "encrypt", "s3cret word");
        assertEquals(0, result.status());
        assertEquals("", result.err());
        assertFits("s3cret word", result.out().strip());
    }

    @Test
    void eachLineOfInputIsAnswered() {
        Programs.Result result = smtpctl("one\n two \n\ngrün", "encrypt");
        assertEquals(0, result.status());
        List<String> hashes = result.out().lines().toList();
        assertEquals(4, hashes.size());
        assertFits("one", hashes.get(0));
        assertFits(" two ", hashes.get(1));
        assertFits("", hashes.get(2));
        assertFits("grün", hashes.get(3));
    }

    @Test
    void theSamePasswordHashesDifferently() {
        List<String> hashes = smtpctl("pw\npw\n", "enc").out().lines().toList();
        assertNotEquals(hashes.get(0), hashes.get(1));
    }

    @Test
    void keysForScramFitTheirPassword() {
        Programs.Result result = smtpctl("one\n\n grün \n", "scram");
        assertEquals(1, result.status());
        assertEquals(1, result.err().lines().count());
        List<String> kept = result.out().lines().toList();
        assertEquals(2, kept.size());
        assertTrue(ScramKeys.parse(kept.get(0)).orElseThrow().fits("one"));
        assertTrue(ScramKeys.parse(kept.get(1)).orElseThrow().fits(" grün "));
        Programs.Result word = smtpctl("", "scram", "s3cret word");
        assertTrue(ScramKeys.parse(word.out().strip()).orElseThrow().fits("s3cret word"));
    }

    @Test
    void impossiblePasswordIsToldAndTheNextOneAnswered() {
        Programs.Result result = smtpctl("x".repeat(512) + "\na\0b\npw\n", "encrypt");
        assertEquals(1, result.status());
        assertEquals(1, result.out().lines().count());
        assertFits("pw", result.out().strip());
        assertEquals(2, result.err().lines().count());
        assertTrue(result.err().contains("511"), result.err());
    }
}
