package smtpd.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import smtpd.testkit.dialogue.Dialogues;

import java.util.stream.Stream;

/// The dialogues of the testkit, each against a session of its own.
class DialogueTest {
    @TestFactory
    Stream<DynamicTest> dialogues() {
        return Dialogues.all().stream()
                .map(dialogue ->
                        DynamicTest.dynamicTest(
                                dialogue.name() + " " + dialogue.heading(),
                                () -> {
                                    House house = new House();
                                    house.play(dialogue);
                                    assertEquals(0, house.queue.open.size(), "messages left open");
                                    assertEquals(0, house.queue.windowsOpen, "windows left open");
                                }));
    }
}
