package smtpd.core.sasl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.mail.Bytes;

import java.util.Base64;

class ScramKeysTest {
    /// The example of RFC 7677 §3: user `user`, password `pencil`.
    private static final Bytes SALT =
            Bytes.of(Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ=="));

    private static final String MESSAGE =
            "n=user,r=rOprNGfwEbeRWgbNEkqO,"
                    + "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                    + "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
                    + "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";

    private final ScramKeys keys = ScramKeys.of("pencil", SALT, 4096).orElseThrow();

    private static Bytes base64(String text) {
        return Bytes.of(Base64.getDecoder().decode(text));
    }

    @Test
    void theExampleOfTheRfc() {
        assertTrue(keys.isProof(MESSAGE, base64("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")));
        assertEquals(
                base64("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="), keys.signature(MESSAGE));
    }

    @Test
    void anotherProofIsNone() {
        assertFalse(keys.isProof(MESSAGE, base64("eHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")));
        assertFalse(
                keys.isProof(
                        MESSAGE + "x", base64("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")));
        assertFalse(keys.isProof(MESSAGE, Bytes.of(new byte[31])));
    }

    @Test
    void whatIsWrittenIsRead() {
        assertTrue(keys.text().startsWith("{SCRAM-SHA-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==,"));
        assertEquals(keys, ScramKeys.parse(keys.text()).orElseThrow());
    }

    @Test
    void theFormOfRfc5803IsReadToo() {
        String[] parts = keys.text().substring("{SCRAM-SHA-256}".length()).split(",", -1);
        String other =
                "SCRAM-SHA-256$" + parts[0] + ":" + parts[1] + "$" + parts[2] + ":" + parts[3];
        assertEquals(keys, ScramKeys.parse(other).orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{SCRAM-SHA-256}",
                "{SCRAM-SHA-256}4095,W22ZaJ0SNY7soEsUEjb6gQ==,"
                        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=,"
                        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "{SCRAM-SHA-256}99999999,W22ZaJ0SNY7soEsUEjb6gQ==,"
                        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=,"
                        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "{SCRAM-SHA-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==,AAAA,AAAA",
                "{SCRAM-SHA-1}4096,W22ZaJ0SNY7soEsUEjb6gQ==,AAAA,AAAA"
            })
    void whatIsOutOfBoundsIsNone(String text) {
        assertTrue(ScramKeys.parse(text).isEmpty());
    }

    @Test
    void aPasswordFitsItsKeysOnly() {
        assertTrue(keys.fits("pencil"));
        assertFalse(keys.fits("Pencil"));
        assertFalse(keys.fits(""));
        assertFalse(keys.fits("pen\0cil"));
    }

    @Test
    @DisplayName("F-85: keys of SCRAM are not printed")
    void keysAreNotPrinted() {
        assertEquals("ScramKeys[4096]", keys.toString());
    }
}
