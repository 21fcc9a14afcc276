package smtpd.lka.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.net.InetSocketAddress;
import java.util.List;

class DnsSettingsTest {
    private static String shown(InetSocketAddress server) {
        return server.getAddress().getHostAddress() + " " + server.getPort();
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 192.0.2.1 53",
        "192.0.2.1:5353, 192.0.2.1 5353",
        "[192.0.2.1]:5353, 192.0.2.1 5353",
        "::1, 0:0:0:0:0:0:0:1 53",
        "[::1]:54, 0:0:0:0:0:0:0:1 54",
        "192.0.2.1:99999, -",
        "192.0.2.1:x, -",
        "dns.example, -",
        "192.0.2.0/24, -",
    })
    void serversAreLiteralAddresses(String text, String server) {
        assertEquals(server, DnsSettings.server(text).map(DnsSettingsTest::shown).orElse("-"));
    }

    @Test
    void firstThreeCountAndWithoutAnyTheOneHere() {
        assertEquals(
                List.of("192.0.2.1 53", "192.0.2.2 53", "192.0.2.3 53"),
                DnsSettings.of(List.of("192.0.2.1", "junk", "192.0.2.2", "192.0.2.3", "192.0.2.4"))
                        .servers()
                        .stream()
                        .map(DnsSettingsTest::shown)
                        .toList());
        assertEquals(
                List.of("127.0.0.1 53"),
                DnsSettings.of(List.of()).servers().stream().map(DnsSettingsTest::shown).toList());
    }
}
