package smtpd.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.smtp.protocol.Client;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Content that some server somewhere would take for the end of a message and more commands, cut
/// into pieces at every place.
class SmugglingTest {
    /// Not one of them is the end (RFC 5321 §4.1.1.4).
    private static final List<String> ENDS =
            List.of(
                    "\n.\n",
                    "\r\n.\n",
                    "\n.\r\n",
                    "\r.\r",
                    "\r\n.\r",
                    "\r.\r\n",
                    "\r\n.\0\r\n",
                    "\r\n.\r\r\n",
                    "\r\n\0.\r\n",
                    "\r\n.\r\0\n",
                    "\n\n.\r\n",
                    "\r\r\n.\n",
                    "\r\n.\n\r\n",
                    "\n.\r\r\n",
                    "\r\n\r.\r\r\n");

    private static final String EVIL =
            "MAIL FROM:<evil@x.example>\r\nRCPT TO:<evil@remote.test>\r\nDATA\r\n"
                    + "Subject: evil\r\n\r\nevil";

    private static final List<String> BEGIN =
            List.of(
                    "EHLO client.example.net\r\n",
                    "MAIL FROM:<a@client.example.net>\r\nRCPT TO:<alice@example.org>\r\n");

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static List<byte[]> pieces(List<String> texts) {
        return texts.stream().map(SmugglingTest::bytes).toList();
    }

    /// What became of a session.
    private record Result(House house, String said) {
        long count(String reply) {
            return said.lines().filter(line -> line.startsWith(reply)).count();
        }

        List<String> recipients() {
            return house.lka.asked.stream().map(it -> it.rcpt().toString()).toList();
        }
    }

    private static Result run(List<String> texts, String address) {
        House house = new House();
        house.client =
                address.equals(Client.LOCAL) ? Client.local(House.HOST, "joe") : Client.at(address);
        SplitStream stream = new SplitStream(pieces(texts));
        house.session(stream).run();
        assertEquals(0, house.queue.open.size());
        assertEquals(house.memory.all(), house.memory.free());
        assertTrue(
                house.log.stream().noneMatch(it -> it.contains("internal")), house.log::toString);
        return new Result(house, stream.said());
    }

    private static List<String> session(String... rest) {
        List<String> texts = new ArrayList<>(BEGIN);
        texts.addAll(List.of(rest));
        return texts;
    }

    @Test
    @DisplayName("F-26: no variant ends a message, wherever the network cuts it")
    void noVariantEndsAMessage() {
        for (String end : ENDS) {
            String content = "Subject: x\r\n\r\nbody" + end + EVIL + "\r\n.\r\n";
            int from = content.indexOf("body");
            int to = content.indexOf("MAIL FROM") + 12;
            for (int cut = from; cut <= to; cut++) {
                for (String address : List.of("192.0.2.7", Client.LOCAL)) {
                    Result result =
                            run(
                                    session(
                                            "DATA\r\n",
                                            content.substring(0, cut),
                                            content.substring(cut),
                                            "QUIT\r\n"),
                                    address);
                    String what = end.replace("\r", "\\r").replace("\n", "\\n") + " at " + cut;
                    assertEquals(List.of("alice@example.org"), result.recipients(), what);
                    assertEquals(0, result.house().queue.accepted.size(), what);
                    assertEquals(1, result.count("550 5.6.0 "), what);
                    assertEquals(1, result.count("221 "), what);
                }
            }
        }
    }

    @Test
    @DisplayName("F-26: a byte at a time, the one true end ends a message")
    void trueEndEndsAMessageAByteAtATime() {
        String content =
                "Subject: x\r\n\r\n..\r\n.x\r\nMAIL FROM:<evil@x.example>\r\n.\r\nQUIT\r\n";
        List<String> texts = new ArrayList<>(session("DATA\r\n"));
        content.chars().forEach(c -> texts.add(Character.toString(c)));
        Result result = run(texts, "192.0.2.7");
        assertEquals(1, result.house().queue.accepted.size());
        assertTrue(
                result.house()
                        .queue
                        .accepted
                        .getFirst()
                        .endsWith("\r\n\r\n.\r\nx\r\nMAIL FROM:<evil@x.example>\r\n"));
        assertEquals(1, result.count("221 "));
    }

    @Test
    @DisplayName("F-26 F-37: chunks hold no commands, wherever the network cuts them")
    void chunksHoldNoCommands() {
        for (String end : ENDS) {
            String chunk = "Subject: x\r\n\r\nbody" + end + EVIL + "\r\n.\r\nRSET\r\n";
            String all = "BDAT " + chunk.length() + "\r\n" + chunk + "BDAT 0 LAST\r\nQUIT\r\n";
            for (int cut = 0; cut <= all.length(); cut += 3) {
                Result result =
                        run(session(all.substring(0, cut), all.substring(cut)), "192.0.2.7");
                assertEquals(List.of("alice@example.org"), result.recipients());
                assertEquals(0, result.house().queue.accepted.size());
                assertEquals(1, result.count("550 5.6.0 "));
                assertEquals(1, result.count("503 5.5.1 "));
                assertEquals(1, result.count("221 "));
            }
        }
    }

    @Test
    @DisplayName("F-27: what is accepted holds no bare CR or LF, and commands only behind an end")
    void whatIsAcceptedIsCleanAndWhatIsNotIsNoCommand() {
        List<String> words =
                List.of(
                        "\r",
                        "\n",
                        ".",
                        "\r\n",
                        "\r\n.\r\n",
                        "\0",
                        "a",
                        "..",
                        "\r\n.",
                        EVIL,
                        "RCPT TO:<evil@remote.test>\r\n",
                        "DATA\r\n",
                        "RSET\r\n");
        SplittableRandom random = new SplittableRandom(26);
        for (int run = 0; run < 3000; run++) {
            StringBuilder content = new StringBuilder("Subject: x\r\n\r\n");
            for (int i = random.nextInt(12); i > 0; i--) {
                content.append(words.get(random.nextInt(words.size())));
            }
            String text = content.toString();
            int end = text.indexOf("\r\n.\r\n");
            List<String> texts = new ArrayList<>(session("DATA\r\n"));
            for (int at = 0; at < text.length(); ) {
                int next = Math.min(text.length(), at + 1 + random.nextInt(40));
                texts.add(text.substring(at, next));
                at = next;
            }
            Result result = run(texts, "192.0.2.7");
            for (String accepted : result.house().queue.accepted) {
                assertEquals("", accepted.replace("\r\n", "").replaceAll("[^\r\n\0]", ""), text);
            }
            if (end < 0) {
                assertEquals(List.of("alice@example.org"), result.recipients(), text);
                assertEquals(0, result.house().queue.accepted.size(), text);
            }
        }
    }
}
