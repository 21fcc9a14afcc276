package smtpd.lka.expand;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import smtpd.core.mail.Bytes;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;

class NodeParserTest {
    private static List<String> lines(String name) throws IOException {
        try (InputStream in =
                Objects.requireNonNull(NodeParserTest.class.getResourceAsStream(name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("# ") && !line.isBlank())
                    .toList();
        }
    }

    private static String shown(NodeParser.Result result) {
        return switch (result) {
            case NodeParser.Result.Malformed(String reason) -> reason;
            case NodeParser.Result.Nodes(List<Node> nodes) ->
                    nodes.stream().map(NodeParserTest::shown).collect(Collectors.joining(" "));
        };
    }

    private static String shown(Node node) {
        return switch (node) {
            case Node.Address(var addr) -> "address(" + addr + ")";
            case Node.User(String name) -> "user(" + name + ")";
            case Node.Refuse(int code, String text) -> "error(" + code + " " + text + ")";
            case Node.Include(String path) -> "include(" + path + ")";
            case Node.Pipe(String command) -> "pipe(" + command + ")";
            case Node.AppendTo(String path) -> "file(" + path + ")";
        };
    }

    @TestFactory
    List<DynamicTest> valid() throws IOException {
        return lines("valid.txt").stream()
                .map(line -> line.split(" => ", -1))
                .map(sides ->
                        DynamicTest.dynamicTest(
                                sides[0],
                                () -> assertEquals(sides[1], shown(NodeParser.value(sides[0])))))
                .toList();
    }

    @TestFactory
    @DisplayName("F-13 what is no node is refused as a whole")
    List<DynamicTest> invalid() throws IOException {
        return lines("invalid.txt").stream()
                .map(line ->
                        DynamicTest.dynamicTest(
                                line,
                                () ->
                                        assertInstanceOf(
                                                NodeParser.Result.Malformed.class,
                                                NodeParser.value(line))))
                .toList();
    }

    @Test
    void linesSkipCommentsAndBlanks() {
        assertEquals(
                "user(bob) user(al) address(c@d)",
                shown(NodeParser.lines("# me\n\nbob, al\r\n   # more\n c@d\n")));
        assertEquals("line 2: not an expansion node: b b", shown(NodeParser.lines("a\nb b\n")));
    }

    @Test
    void forwardOfFullSizeIsRefused() {
        String comment = "#" + "x".repeat(NodeParser.FORWARD_SIZE_MAX - 2) + "\n";
        assertEquals("too large", shown(NodeParser.forward(Bytes.of(comment))));
        assertEquals(
                "",
                shown(NodeParser.forward(Bytes.of(comment.substring(1).replaceFirst("x", "#")))));
    }

    @Test
    void controlsNeverPass() {
        assertInstanceOf(NodeParser.Result.Malformed.class, NodeParser.value("|a\u0000b"));
        assertInstanceOf(NodeParser.Result.Malformed.class, NodeParser.value("/a\u0007"));
        assertEquals("error(550 a?b)", shown(NodeParser.value("error:550 a\u0007b")));
    }

    @Test
    void anyTextEnds() {
        long seed = 20261121;
        Random random = new Random(seed);
        String alphabet = "ab@.,\"\\|/:# +[]<>5error:include:\n\t\u0000é";
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(24); n > 0; n--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            NodeParser.Result result = NodeParser.lines(text.toString());
            if (result instanceof NodeParser.Result.Nodes(List<Node> nodes)) {
                assertEquals(true, nodes.size() <= text.length(), "seed " + seed + ": " + text);
            }
        }
    }
}
