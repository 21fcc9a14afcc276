package smtpd.core.conf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import smtpd.core.mail.Secret;

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
                                new StatisticsConf.Page(
                                        new StatisticsConf.Door.Inet("127.0.0.1", 9199),
                                        new StatisticsConf.Token.None()),
                                new StatisticsConf.Page(
                                        new StatisticsConf.Door.Inet("::1", 9200),
                                        new StatisticsConf.Token.Word(
                                                new Secret("0123456789 \"bcdef"))),
                                new StatisticsConf.Page(
                                        new StatisticsConf.Door.Local("/run/page.sock"),
                                        new StatisticsConf.Token.File("/etc/mail/token"))),
                        List.of(
                                new StatisticsConf.Receiver("192.0.2.1", 8125),
                                new StatisticsConf.Receiver("127.0.0.1", 99))),
                read(
                        """
                        statistics ram
                        statistics sqlite
                        statistics http on localhost port 9199
                        statistics http on ::1 port 9200 token "0123456789 \\"bcdef"
                        statistics http socket "/run/page.sock" token file "/etc/mail/token"
                        statistics statsd 192.0.2.1
                        statistics statsd 127.0.0.1 port 99
                        """));
    }

    @Test
    void aTokenIsNotPrintedByAccident() {
        StatisticsConf read = read("statistics http on ::1 port 9200 token 0123456789abcdef");
        assertFalse(read.toString().contains("0123456789abcdef"), read.toString());
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
        "statistics http on ::1 port 80 token short, at least 16",
        "statistics carbon, syntax error",
    })
    void mistakes(String line, String said) {
        ConfResult result = parse(line);
        assertTrue(
                result.errors().stream().anyMatch(it -> it.text().contains(said)),
                result.errors().toString());
    }
}
