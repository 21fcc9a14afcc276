package smtpd.parent;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import smtpd.core.conf.ConfParser;
import smtpd.core.conf.Config;
import smtpd.core.conf.OfflineEnvironment;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;

class CarriedTest {
    private static final String PLAIN =
            """
            listen on 127.0.0.1
            action "out" relay
            match for any action "out"
            """;

    private static Config config(String text) {
        return Objects.requireNonNull(
                ConfParser.parse("test", text, Map.of(), new OfflineEnvironment("mx.example.org"))
                        .config());
    }

    @Test
    void aPlainConfigurationIsSilent() {
        Config config = config(PLAIN);
        assertEquals(List.of(), Carried.warnings(config));
        assertDoesNotThrow(() -> Carried.refuse(config));
    }

    @Test
    void anEncryptedQueueIsNeverWrittenInClear() {
        Config config = config("queue encryption 0123456789abcdef0123456789abcdef\n" + PLAIN);
        IOException refusal = assertThrows(IOException.class, () -> Carried.refuse(config));
        assertTrue(String.valueOf(refusal.getMessage()).contains("queue encryption"));
    }

    @Test
    void whatHasNoEffectIsSaid() {
        Config config =
                config(
                        """
                        queue compression
                        pki mx.example.org cert "/c"
                        pki mx.example.org key "/k"
                        filter "f" phase connect match !fcrdns disconnect "550 no"
                        listen on 127.0.0.1 tls pki mx.example.org filter "f"
                        action "out" relay tls
                        match for any action "out"
                        """);
        List<String> said = Carried.warnings(config);
        assertEquals(1, said.size(), said::toString);
        assertTrue(said.stream().noneMatch(line -> line.contains("STARTTLS")), said::toString);
    }
}
