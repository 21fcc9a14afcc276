package smtpd.parent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import smtpd.core.conf.ConfParser;
import smtpd.core.conf.Config;
import smtpd.core.conf.OfflineEnvironment;

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
        assertTrue(said.stream().noneMatch(line -> line.contains("STARTTLS")), said::toString);
    }
}
