package smtpd.core.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Optional;

/// Passwords against hashes made by other programs (mkpasswd, libxcrypt's own examples).
class CryptTest {
    private static final String SHA512 =
            "$6$abcdefgh$KQeXafAQAaOoKTevphVU215RvJdgzyfASRasIOuh12hO8u0r1bGW92ZnTmC9IjsiQ8VPiTX"
                    + "BiZF49dFL1U4wX/";

    private static void needLibrary() {
        assumeTrue(Crypt.isAvailable(), "needs libcrypt");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$y$j9T$abcdefgh$UGYCVcUwcoG0k8SZZ.Uz3i0RYQNy1YmYj4I4poBPer2",
                SHA512,
                "$5$aa$mzf5CT4lKj0jBcvvaM/wyABl7jkEXQ6PNDCQjw0uBJC",
                "$2b$05$abcdefghijklmnopqrstuuHIrMEWpUCQe2YqFR3sXwQ75u4od..9q"
            })
    void passwordFitsItsHashAndNoOther(String stored) {
        needLibrary();
        assertEquals(Crypt.Fit.YES, Crypt.check("pw", stored));
        assertEquals(Crypt.Fit.NO, Crypt.check("pW", stored));
        assertEquals(Crypt.Fit.NO, Crypt.check("", stored));
        assertEquals(Crypt.Fit.NO, Crypt.check("pw", stored.substring(0, stored.length() - 1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "*", "!", "x", "secret", "$9$abc$def", "$6", "$argon2id$v=19$"})
    @DisplayName("F-78 what is no hash of a known scheme is not now, never no")
    void unknownSchemeIsNotNow(String stored) {
        assertEquals(Crypt.Fit.NOT_NOW, Crypt.check("pw", stored));
    }

    @Test
    void hashWithANulIsNotNow() {
        assertEquals(Crypt.Fit.NOT_NOW, Crypt.check("pw", "$6$ab\0cd$"));
    }

    @Test
    void impossiblePasswordsFitNothing() {
        needLibrary();
        assertEquals(Crypt.Fit.NO, Crypt.check("pw\0", SHA512));
        assertEquals(Crypt.Fit.NO, Crypt.check("x".repeat(Crypt.PASSWORD_MAX + 1), SHA512));
        assertEquals(Optional.empty(), Crypt.newHash("a\0b"));
        assertEquals(Optional.empty(), Crypt.newHash("x".repeat(Crypt.PASSWORD_MAX + 1)));
    }

    @Test
    void longestPasswordAndAnyLetterCount() {
        needLibrary();
        String password = "ü".repeat(255) + "a";
        String stored = Crypt.newHash(password).orElseThrow();
        assertEquals(Crypt.Fit.YES, Crypt.check(password, stored));
        assertEquals(Crypt.Fit.NO, Crypt.check("ü".repeat(255) + "b", stored));
    }

    @Test
    void newHashIsOfTheBestSchemeAndSalted() {
        needLibrary();
        String one = Crypt.newHash("pw").orElseThrow();
        String other = Crypt.newHash("pw").orElseThrow();
        assertNotEquals(one, other);
        assertEquals(Crypt.Fit.YES, Crypt.check("pw", one));
        assertTrue(one.startsWith("$y$") || one.startsWith("$6$"), one);
        assertEquals(Crypt.newSetting().substring(0, 3), one.substring(0, 3));
    }

    @Test
    void settingAloneFitsNothing() {
        needLibrary();
        assertEquals(Crypt.Fit.NO, Crypt.check("pw", Crypt.newSetting()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$y$j9T$salt$hash",
                "$y$jCT$salt$hash",
                "$gy$j9T$salt$hash",
                "$7$CU..../....salt$hash",
                "$6$salt$hash",
                "$6$rounds=1000000$salt$hash",
                "$5$rounds=5000$salt$hash",
                "$2a$12$salt",
                "$2y$15$salt",
                "$1$salt$hash",
                "abJnggxhB/yWI"
            })
    void bearableCosts(String stored) {
        assertTrue(CryptCost.isBearable(stored));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$y$jDT$salt$hash",
                "$y$jFT$salt$hash",
                "$y$jz1T$salt$hash",
                "$y$j9T/.$salt$hash",
                "$7$zU..../....salt$hash",
                "$7$CUzzzz/....salt$hash",
                "$7$CU....zzzzzsalt$hash",
                "$6$rounds=1000001$salt$hash",
                "$6$rounds=999999999$salt$hash",
                "$2b$16$salt",
                "$2b$31$salt",
                "$md5,rounds=9999999$salt$hash",
                "$sha1$4294967295$salt$hash",
                "_zzzzsaltabcdefghijk"
            })
    @DisplayName("F-78 a stored hash that asks for hours or all memory is not computed")
    void unbearableCosts(String stored) {
        assertFalse(CryptCost.isBearable(stored));
        assertEquals(Crypt.Fit.NOT_NOW, Crypt.check("pw", stored));
    }
}
