package smtpd.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.smtp.protocol.Client;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Clients that end lines with LF alone: closed, unless the listener has them on its list.
class BareLineEndsTest {
    private static final List<String> OLD_PRINTER =
            List.of(
                    "EHLO client.example.net\n",
                    "MAIL FROM:<a@client.example.net>\n",
                    "RCPT TO:<alice@example.org>\n",
                    "DATA\n",
                    "Subject: x\n\n..dot\nx\r\n.\n",
                    "QUIT\n");

    private final House house = new House();

    @BeforeEach
    void fromAfar() {
        house.client = Client.at("192.0.2.7");
    }

    private String run(List<String> pieces) {
        List<byte[]> bytes = new ArrayList<>();
        pieces.forEach(piece -> bytes.add(piece.getBytes(StandardCharsets.ISO_8859_1)));
        SplitStream stream = new SplitStream(bytes);
        house.session(stream).run();
        return stream.said();
    }

    private static String codes(String said) {
        return said.lines()
                .filter(line -> line.charAt(3) == ' ')
                .map(line -> line.substring(0, 3))
                .reduce("", (all, code) -> all + code + " ")
                .strip();
    }

    @Test
    @DisplayName("F-5 a bare LF or CR behind a command: 500 5.5.2, the end, and a line in the log")
    void bareLineEndsClose() {
        for (String end : List.of("\n", "\rX", "\r\r\n")) {
            house.log.clear();
            String said = run(List.of("NOOP" + end, "NOOP\r\n"));
            assertTrue(said.contains("\n500 5.5.2 "), said);
            assertEquals("220 500", codes(said), end);
            assertTrue(
                    house.log.stream()
                            .anyMatch(line -> line.contains("bad-input result=\"500 5.5.2 ")),
                    house.log::toString);
        }
    }

    @Test
    @DisplayName("F-5 a client on the list of its listener may end lines with LF")
    void listedClientsMayUseLf() {
        house.bareLf = "old";
        assertEquals("220 250 250 250 354 250 221", codes(run(OLD_PRINTER)));
        String content = house.queue.accepted.getFirst();
        assertTrue(content.endsWith("\r\nSubject: x\r\n\r\n.dot\r\nx\r\n"), content);
        assertEquals(1, house.queue.accepted.size());
    }

    @Test
    @DisplayName("F-5 a client on the list may end lines with CRLF, and with neither CR")
    void listedClientsMayUseCrLf() {
        house.bareLf = "old";
        List<String> proper =
                OLD_PRINTER.stream().map(it -> it.replaceAll("\r?\n", "\r\n")).toList();
        assertEquals("220 250 250 250 354 250 221", codes(run(proper)));
        assertEquals("220 500", codes(run(List.of("NOOP\rX", "NOOP\n"))));
    }

    @Test
    @DisplayName(
            "F-5 a client that is not on the list is closed; one nobody can tell of is put off")
    void othersMayNot() {
        house.bareLf = "none";
        assertEquals("220 500", codes(run(OLD_PRINTER)));
        house.bareLf = "down";
        assertEquals("421", codes(run(OLD_PRINTER)));
        assertEquals(List.of(), house.queue.accepted);
    }

    @Test
    @DisplayName(
            "F-26 where LF ends a line, only lines of one dot end a message; none with a CR do")
    void onlyLinesOfOneDotEndAMessage() {
        house.bareLf = "old";
        for (String end :
                List.of(
                        "\r.\r",
                        "\n.\rx\n",
                        "\r\n.\r\r\n",
                        "\n.\0\n",
                        "\n\0.\n",
                        "\r.\n",
                        "\n..\n")) {
            house.queue.accepted.clear();
            List<String> pieces = new ArrayList<>(OLD_PRINTER);
            pieces.set(4, "Subject: x\n\na" + end);
            pieces.add(5, "MAIL FROM:<evil@x.example>\n.\n");
            String codes = codes(run(pieces));
            boolean whole = end.equals("\n..\n");
            assertEquals("220 250 250 250 354 " + (whole ? "250" : "550") + " 221", codes);
            assertEquals(whole ? 1 : 0, house.queue.accepted.size());
        }
    }

    @Test
    @DisplayName("F-27 a bare CR in content is refused, list or not")
    void bareCrIsRefused() {
        house.bareLf = "old";
        List<String> pieces = new ArrayList<>(OLD_PRINTER);
        pieces.set(4, "Subject: x\n\na\rb\n.\n");
        assertEquals("220 250 250 250 354 550 221", codes(run(pieces)));
    }
}
