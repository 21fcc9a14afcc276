package smtpd.core.conf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

class DefaultConfigTest {
    @Test
    void defaultConfigurationIsAcceptedWithoutWarnings() throws IOException {
        String text = Files.readString(Path.of("../etc/smtpd.conf"));
        ConfResult result =
                ConfParser.parse("smtpd.conf", text, Map.of(), new OfflineEnvironment("a.example"));
        assertEquals(List.of(), result.errors());
        assertEquals(List.of(), result.warnings());
        Config config = result.config();
        assertNotNull(config);
        assertEquals(
                List.of("local", "relay"), List.copyOf(config.routing().dispatchers().keySet()));
    }
}
