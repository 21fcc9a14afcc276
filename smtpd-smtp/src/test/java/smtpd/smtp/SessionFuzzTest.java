package smtpd.smtp;

import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import smtpd.testkit.dialogue.Dialogue;
import smtpd.testkit.dialogue.DialogueRunner;
import smtpd.testkit.dialogue.Dialogues;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// Inputs of the fuzz target `session`: those kept, and what the clients of the dialogues say, cut
/// and mixed.
class SessionFuzzTest {
    private static final Path INPUTS = Path.of("../smtpd-e2e/src/test/resources/fuzz/session");

    @TestFactory
    List<DynamicTest> whatWasFoundHoldsNow() throws IOException {
        try (Stream<Path> inputs = Files.list(INPUTS)) {
            List<DynamicTest> tests =
                    inputs.sorted()
                            .map(input ->
                                    DynamicTest.dynamicTest(
                                            String.valueOf(input.getFileName()),
                                            () ->
                                                    SessionTarget.fuzzerTestOneInput(
                                                            Files.readAllBytes(input))))
                            .toList();
            assertFalse(tests.isEmpty());
            return tests;
        }
    }

    private static byte[] said(Dialogue dialogue) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        DialogueRunner client = new DialogueRunner(dialogue, Map.of());
        for (int at = 0; at < dialogue.steps().size(); at++) {
            try {
                at = client.sendGroup(at, out);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
        return out.toByteArray();
    }

    @Test
    @DisplayName("F-3 F-8 F-37: whatever clients say, sessions end in order")
    void dialoguesCutAndMixed() {
        List<byte[]> all =
                Dialogues.all().stream()
                        .map(SessionFuzzTest::said)
                        .filter(it -> it.length < 20_000)
                        .toList();
        SplittableRandom random = new SplittableRandom(3);
        byte[] hello = "\0EHLO c.example\r\n".getBytes(StandardCharsets.US_ASCII);
        for (int run = 0; run < 4000; run++) {
            ByteArrayOutputStream input = new ByteArrayOutputStream();
            hello[0] = (byte) random.nextInt(256);
            input.writeBytes(hello);
            for (int i = random.nextInt(4); i >= 0; i--) {
                byte[] piece = all.get(random.nextInt(all.size())).clone();
                for (int hits = random.nextInt(3); hits > 0 && piece.length > 0; hits--) {
                    piece[random.nextInt(piece.length)] = (byte) random.nextInt(256);
                }
                int from = random.nextInt(piece.length + 1);
                input.write(piece, random.nextBoolean() ? 0 : from, piece.length - from);
            }
            byte[] bytes = input.toByteArray();
            try {
                SessionTarget.fuzzerTestOneInput(bytes);
            } catch (AssertionError e) {
                throw new AssertionError(new String(bytes, StandardCharsets.ISO_8859_1), e);
            }
        }
    }
}
