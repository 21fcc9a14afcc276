package smtpd.e2e.crash;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.proc.Role;
import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Ports;
import smtpd.e2e.scenario.Waiting;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// Queue and scheduler on SQLite, in real processes that are killed.
class SchedulerOnDiskTest {
    private final RandomGenerator random = new SplittableRandom(1);
    private int letters;

    private static String conf(int relay, int dead) {
        return """
        queue backend sqlite
        scheduler backend sqlite
        listen on 127.0.0.1 port PORT hostname mx.example.org
        action "far" relay host smtp://127.0.0.1:%d helo "mx.example.org"
        action "dead" relay host smtp://127.0.0.1:%d helo "mx.example.org"
        match from any for domain "dead.example" action "dead"
        match from any for any action "far"
        """
                .formatted(relay, dead);
    }

    @Test
    @DisplayName("F-69: mail put off survives the death of the scheduler and of everything")
    void mailPutOffSurvives() throws IOException, InterruptedException {
        Account account = Account.unprivileged();
        int dead = Ports.free(1).getFirst();
        try (Sink sink = Sink.start();
                House house = House.open(account, conf(sink.port(), dead))) {
            passes(house, sink);
            hand(house, "a@dead.example");
            String id = putOff(house, 1);
            hand(house, "b@dead.example");
            Waiting.until(
                    () -> queue(house).size() == 2, () -> "no second one:\n" + house.lastLines());
            house.kill(Role.SCHEDULER);
            passes(house, sink);
            Waiting.until(() -> queue(house).size() == 2, () -> "others: " + queue(house));
            house.killAll();
            passes(house, sink);
            Waiting.until(
                    () -> queue(house).stream().allMatch(it -> it.contains("|pending|")),
                    () -> "not pending: " + queue(house));
            command(house, "schedule", id);
            putOff(house, 2);
            command(house, "pause", "envelope", id);
            command(house, "resume", "envelope", id);
            command(house, "remove", "all");
            Waiting.until(() -> queue(house).isEmpty(), () -> "left: " + queue(house));
            assertTrue(Files.exists(house.spool().resolve("scheduler/index.sqlite")));
            assertFalse(house.lastLines().contains("put aside"), house::lastLines);
        }
    }

    /// The envelope that was tried at least so often; without it nothing is put off.
    private static String putOff(House house, int tries) {
        Waiting.until(
                () -> tried(house, tries).isPresent(),
                () -> "not tried: " + queue(house) + "\n" + house.lastLines());
        return tried(house, tries).orElseThrow().split("\\|", 2)[0];
    }

    private static Optional<String> tried(House house, int tries) {
        return queue(house).stream()
                .filter(it -> Integer.parseInt(it.split("\\|", -1)[10]) >= tries)
                .findFirst();
    }

    private static List<String> queue(House house) {
        return house.ask("show", "queue").lines().toList();
    }

    private static void command(House house, String... words)
            throws IOException, InterruptedException {
        String said = house.ask(words);
        assertTrue(said.contains("envelope"), () -> List.of(words) + ": " + said);
    }

    private void passes(House house, Sink sink) {
        int before = sink.messages().size();
        hand(house, House.FAR);
        Waiting.until(
                () -> sink.messages().size() > before,
                () -> "does not arrive:\n" + house.lastLines());
    }

    private void hand(House house, String to) {
        Letter letter = Letter.of("letter-" + ++letters, random);
        Waiting.until(
                () -> house.client().send(letter, List.of(to)),
                () -> "not taken:\n" + house.lastLines());
    }
}
