package smtpd.core.conf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;
import java.util.Map;

class StatisticsParserTest {
    private static ConfResult parse(String text) {
        return ConfParser.parse(
                "smtpd.conf",
                text + "\naction a maildir\nmatch for local action a\n",
                Map.of(),
                new OfflineEnvironment("mx.example.org"));
    }

    private static StatisticsConf read(String text) {
        ConfResult result = parse(text);
        assertEquals(List.of(), result.errors());
        Config config = result.config();
        assertNotNull(config);
        assertEquals(
                config.settings().statistics(),
                parseAgain(ConfPrinter.print(config)),
                "as printed");
        return config.settings().statistics();
    }

    private static StatisticsConf parseAgain(String text) {
        Config config =
                ConfParser.parse(
                                "printed", text, Map.of(), new OfflineEnvironment("mx.example.org"))
                        .config();
        assertNotNull(config, text);
        return config.settings().statistics();
    }

    @Test
    void severalGoTogether() {
        assertEquals(
                new StatisticsConf(
                        true,
                        List.of(
                                new StatisticsConf.Page.Inet("127.0.0.1", 9199),
                                new StatisticsConf.Page.Local("/run/page.sock")),
                        List.of(
                                new StatisticsConf.Receiver("192.0.2.1", 8125),
                                new StatisticsConf.Receiver("127.0.0.1", 99))),
                read(
                        """
                        statistics ram
                        statistics sqlite
                        statistics http on localhost port 9199
                        statistics http socket "/run/page.sock"
                        statistics statsd 192.0.2.1
                        statistics statsd 127.0.0.1 port 99
                        """));
    }

    @Test
    void theWordIsNotReserved() {
        assertEquals(StatisticsConf.DEFAULT, read("statistics = \"x\""));
    }

    @ParameterizedTest
    @CsvSource({
        "statistics http on 192.0.2.1 port 80, loopback addresses only",
        "statistics http on example.org port 80, not an address",
        "statistics http on 127.0.0.1 port 99999, invalid port",
        "statistics http socket page.sock, begins with a slash",
        "statistics statsd example.org, not an address",
        "statistics carbon, syntax error",
    })
    void mistakes(String line, String said) {
        ConfResult result = parse(line);
        assertTrue(
                result.errors().stream().anyMatch(it -> it.text().contains(said)),
                result.errors().toString());
    }
}
