package smtpd.filter.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

class ServerLineTest {
    private static final Instant TIME = Instant.ofEpochSecond(1576146008, 6099000);
    private static final String S = "7641df9771b4ed00";
    private static final String T = "1ef1c203cc576e5d";

    private static ServerLine read(String line) throws ProtocolException {
        return ServerLine.read(line.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void theHandshakeIsRead() throws ProtocolException {
        assertEquals(new ServerLine.Config("protocol", "0.7"), read("config|protocol|0.7"));
        assertEquals(new ServerLine.Config("admd", "a|b"), read("config|admd|a|b"));
        assertEquals(new ServerLine.Config("empty", ""), read("config|empty|"));
        assertEquals(new ServerLine.ConfigReady(), read("config|ready"));
    }

    @Test
    void reportsAreRead() throws ProtocolException {
        assertEquals(
                new ServerLine.Report(TIME, "smtp-in", "link-disconnect", S, ""),
                read("report|0.7|1576146008.006099|smtp-in|link-disconnect|" + S));
        assertEquals(
                new ServerLine.Report(TIME, "smtp-out", "tx-mail", S, "1|ok|a|ü@b.c"),
                read("report|0.7|1576146008.006099|smtp-out|tx-mail|" + S + "|1|ok|a|ü@b.c"));
    }

    @Test
    void questionsAreRead() throws ProtocolException {
        String head = "filter|0.7|1576146008.006099|smtp-in|";
        assertEquals(
                new ServerLine.Question(TIME, "helo", S, T, "a|b"),
                read(head + "helo|" + S + "|" + T + "|a|b"));
        assertEquals(
                new ServerLine.Question(TIME, "data", S, T, ""),
                read(head + "data|" + S + "|" + T + "|"));
        assertEquals(
                new ServerLine.Question(TIME, "commit", S, T, ""),
                read(head + "commit|" + S + "|" + T));
    }

    @Test
    void contentKeepsEveryByte() throws ProtocolException {
        String head = "filter|0.7|1576146008.006099|smtp-in|data-line|" + S + "|" + T + "|";
        byte[] line = (head + "..|\u00ff\u0080\r\0").getBytes(StandardCharsets.ISO_8859_1);
        assertEquals(
                new ServerLine.Content(TIME, S, T, "..|\u00ff\u0080\r\0"), ServerLine.read(line));
    }

    @Test
    void answersOfDnsAreRead() throws ProtocolException {
        assertEquals(
                new ServerLine.DnsRecord("-", "1f", "TXT", "a|b"), read("dns-result|-|1f|TXT|a|b"));
        assertEquals(new ServerLine.DnsEnd("-", "1f", "ok"), read("dns-result|-|1f|end|ok|later"));
    }

    @Test
    void laterVersionsMayAddLines() throws ProtocolException {
        assertEquals(new ServerLine.Other("wish"), read("wish|0.9|anything"));
        assertEquals(
                new ServerLine.Report(TIME, "smtp-in", "link-moon", S, "full"),
                read("report|0.12|1576146008.006099|smtp-in|link-moon|" + S + "|full"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "config",
                "report|0.6|1576146008.006099|smtp-in|timeout|7641df9771b4ed00",
                "report|1.0|1576146008.006099|smtp-in|timeout|7641df9771b4ed00",
                "report|0.7|1576146008|smtp-in|timeout|7641df9771b4ed00",
                "report|0.7|1576146008.06099|smtp-in|timeout|7641df9771b4ed00",
                "report|0.7|-1.006099|smtp-in|timeout|7641df9771b4ed00",
                "report|0.7|1576146008.006099|smtp-in|timeout|7641DF9771B4ED00",
                "report|0.7|1576146008.006099|smtp-in|timeout|7641df9771b4ed0",
                "report|0.7|1576146008.006099|smtp-in||7641df9771b4ed00",
                "report|0.7|1576146008.006099|smtp-in|timeout",
                "filter|0.7|1576146008.006099|smtp-out|helo|7641df9771b4ed00|1ef1c203cc576e5d|a",
                "filter|0.7|1576146008.006099|smtp-in|helo|7641df9771b4ed00|x|a",
                "filter|0.7|1576146008.006099|smtp-in|helo|7641df9771b4ed00",
                "dns-result|s|t",
                "dns-result|s|t|end",
                "dns-result|s||A|192.0.2.1"
            })
    void everythingElseIsWrong(String line) {
        assertThrows(ProtocolException.class, () -> read(line));
    }

    @Test
    void linesEndWithALineFeedAndNothingElse() throws IOException, ProtocolException {
        LineReader lines =
                new LineReader(
                        new ByteArrayInputStream(
                                "a\r\n\nlast".getBytes(StandardCharsets.US_ASCII)));
        assertArrayEquals(new byte[] {'a', '\r'}, lines.next());
        assertArrayEquals(new byte[0], lines.next());
        assertNull(lines.next(), "half a line is none");
    }

    @Test
    void anEndlessLineIsRefused() {
        byte[] bytes = new byte[LineReader.LINE_MAX + (1 << 17)];
        LineReader lines = new LineReader(new ByteArrayInputStream(bytes));
        assertThrows(ProtocolException.class, lines::next);
    }

    @Test
    void textsOfDnsAreUnescaped() throws ProtocolException {
        assertEquals("a\\b\u00ff|c", DnsText.read("a\\\\b\\255|c"));
        for (String wrong : new String[] {"\\", "\\1", "\\25", "\\256", "\\x00"}) {
            assertThrows(ProtocolException.class, () -> DnsText.read(wrong), wrong);
        }
    }
}
