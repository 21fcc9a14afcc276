package smtpd.lka.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.sys.Crypt;

import java.util.Optional;

class Argon2HashTest {
    /// Of "password" with "somesalt", by the reference implementation.
    private static final String ID =
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";

    @ParameterizedTest
    @ValueSource(
            strings = {
                ID,
                "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
                "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
                "$argon2i$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY"
            })
    void passwordFitsItsHashAndNoOther(String stored) {
        Argon2Hash hash = Argon2Hash.parse(stored).orElseThrow();
        assertTrue(hash.fits("password"));
        assertFalse(hash.fits("Password"));
        assertFalse(hash.fits(""));
    }

    @Test
    void hashThatDiffersInItsLastOctetDoesNotFit() {
        String other = ID.substring(0, ID.length() - 2) + "/0";
        assertFalse(Argon2Hash.parse(other).orElseThrow().fits("password"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$nf65EOgLrQM",
                "$argon2id$v=19$m=65536,t=16,p=4$c29tZXNhbHQ$nf65EOgLrQM",
                "$argon2id$v=19$m=8,t=131072,p=1$c29tZXNhbHQ$nf65EOgLrQM"
            })
    void usualAndJustBearableCosts(String stored) {
        assertTrue(Argon2Hash.parse(stored).isPresent());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$argon2id$v=19$m=65537,t=1,p=1$c29tZXNhbHQ$nf65EOgLrQM",
                "$argon2id$v=19$m=2097152,t=1,p=4$c29tZXNhbHQ$nf65EOgLrQM",
                "$argon2id$v=19$m=999999999,t=999999999,p=1$c29tZXNhbHQ$nf65EOgLrQM",
                "$argon2id$v=19$m=65536,t=17,p=1$c29tZXNhbHQ$nf65EOgLrQM",
                "$argon2id$v=19$m=65536,t=1,p=17$c29tZXNhbHQ$nf65EOgLrQM"
            })
    @DisplayName("F-78 a stored hash that asks for more memory or time than it may is not computed")
    void unbearableCosts(String stored) {
        assertEquals(Optional.empty(), Argon2Hash.parse(stored));
        assertEquals(Crypt.Fit.NOT_NOW, new SystemHashes().check("password", stored));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "$argon2id$",
                "$argon2d$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQM",
                "$argon2id$v=18$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQM",
                "$argon2id$v=19$m=0,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQM",
                "$argon2id$v=19$m=7,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQM",
                "$argon2id$v=19$m=256,t=0,p=1$c29tZXNhbHQ$nf65EOgLrQM",
                "$argon2id$v=19$m=256,t=2,p=0$c29tZXNhbHQ$nf65EOgLrQM",
                "$argon2id$v=19$m=9999999999,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQM",
                "$argon2id$v=19$m=256,t=2,p=1$c2E$nf65EOgLrQM",
                "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf6",
                "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$n",
                "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ",
                "$argon2id$v=19$t=2,m=256,p=1$c29tZXNhbHQ$nf65EOgLrQM",
                "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQM$more"
            })
    void whatIsNoHash(String stored) {
        assertEquals(Optional.empty(), Argon2Hash.parse(stored));
    }
}
