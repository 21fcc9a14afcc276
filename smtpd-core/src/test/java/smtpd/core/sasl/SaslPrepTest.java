package smtpd.core.sasl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SaslPrepTest {
    /// The examples of RFC 4013 §3, and a few more; `-` for what cannot be prepared.
    @ParameterizedTest
    @CsvSource({
        "I\u00adX, IX",
        "user, user",
        "USER, USER",
        "\u00aa, a",
        "\u2168, IX",
        "a\u0007b, -",
        "\u06271, -",
        "a\u00a0b, a b",
        "a\u2003b, a b",
        "\u06271\u0628, \u06271\u0628",
        "\u0627a\u0628, -",
        "\ufffd, -",
        "p\u00e4ss, p\u00e4ss",
        "pa\u0308ss, p\u00e4ss"
    })
    void prepares(String text, String prepared) {
        assertEquals(prepared, SaslPrep.prepare(text).orElse("-"));
    }
}
