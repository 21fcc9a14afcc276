package smtpd.core.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

final class ListsTest {
    private static final List<String> MODERN =
            List.of(
                    "TLS_AES_256_GCM_SHA384",
                    "TLS_CHACHA20_POLY1305_SHA256",
                    "TLS_AES_128_GCM_SHA256");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|TLSv1.3 TLSv1.2",
                "TLSv1.2,TLSv1.3|TLSv1.3 TLSv1.2",
                "tlsv1.2|TLSv1.2",
                "TLSv1.3:tlsv1.1|TLSv1.3",
                "all|TLSv1.3 TLSv1.2",
                "secure,!tlsv1.2|TLSv1.3",
                "!TLSv1.3|TLSv1.2",
            })
    void protocols(String list, String versions) {
        assertEquals(versions, String.join(" ", Protocols.parse(list)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.4", "tlsv1.0", "SSLv3", "TLSv1.2,,", "!all"})
    void protocolsThatLeaveNothingOrAreUnknown(String list) {
        assertThrows(IllegalArgumentException.class, () -> Protocols.parse(list));
    }

    @Test
    void groupsOfCiphers() {
        assertEquals(MODERN, Ciphers.parse("").subList(0, 3));
        assertTrue(Ciphers.parse("").stream().noneMatch(name -> name.contains("CBC")));
        assertTrue(Ciphers.parse("HIGH").contains("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"));
        assertFalse(Ciphers.parse("HIGH:!SHA1").contains("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"));
        assertEquals(
                "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                Ciphers.parse("ECDHE-RSA-AES256-GCM-SHA384").getLast());
        assertEquals(
                List.of("TLS_AES_128_GCM_SHA256", "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384"),
                Ciphers.parse("TLS_AES_128_GCM_SHA256:DHE+AES256+AEAD"));
        assertEquals(
                Ciphers.parse("HIGH"),
                Ciphers.parse("HIGH:!aNULL:!EXPORT:!RC4-SHA:!nonsense:AES256-SHA:@SECLEVEL=1"));
    }

    @Test
    void orderIsOursToChange() {
        assertEquals(
                "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                Ciphers.parse("CHACHA20:AESGCM:+CHACHA20").get(3));
        assertEquals(
                "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", Ciphers.parse("AES128:AES256").get(3));
        assertEquals(
                "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                Ciphers.parse("AES128:AES256:@STRENGTH").get(3));
    }

    @ParameterizedTest
    @ValueSource(strings = {"X", "RC4", "HIGHH", "@FOO", "ECDHE-RSA-AES256-GCM-SHA385"})
    void ciphersThatLeaveNothingOrAreUnknown(String list) {
        assertThrows(IllegalArgumentException.class, () -> Ciphers.parse(list));
    }
}
