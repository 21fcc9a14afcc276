package smtpd.e2e.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.proc.Role;
import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Waiting;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// A message that its deliverer dies of, each time: here because it is killed whenever a far end
/// has that message and has not answered yet.
class PoisonMessageTest {
    private static final int DEATHS = 3;
    private static final String POISON = "poison";

    private final RandomGenerator random = new SplittableRandom(1);

    @Test
    @DisplayName(
            "F-72 F-83: a message that kills its deliverer three times is held, and mail passes;"
                    + " without a system log what became of it is kept")
    void aMessageThatKillsItsDelivererIsHeldAndOtherMailPasses()
            throws IOException, InterruptedException {
        Account account = Account.unprivileged();
        try (Sink sink = Sink.silentAbout("X-Letter: " + POISON);
                House house = House.openWithDeadLog(account, sink.port())) {
            hand(house, POISON);
            for (int death = 1; death <= DEATHS; death++) {
                int times = death;
                Waiting.until(
                        () -> count(sink, POISON) == times,
                        () -> "no attempt " + times + ":\n" + house.lastLines());
                hand(house, "neighbour-" + death);
                house.kill(Role.MTA);
            }
            Waiting.until(
                    () -> house.ask("show", "queue").contains("|suspend|"),
                    () -> "not held:\n" + house.ask("show", "queue") + house.lastLines());
            hand(house, "afterwards");
            for (String id : List.of("neighbour-1", "neighbour-2", "neighbour-3", "afterwards")) {
                Waiting.until(
                        () -> count(sink, id) > 0,
                        () -> id + " does not arrive:\n" + house.lastLines());
            }
            Waiting.until(
                    () -> house.ask("show", "queue").lines().count() == 1,
                    () -> "others are held too:\n" + house.ask("show", "queue"));
            assertEquals(DEATHS, count(sink, POISON));
            assertTrue(house.ask("show", "queue").contains("died of it"));
            assertKept(house);
        }
    }

    /// What became of mail is in the file that is only the daemon's, where there is no system log.
    private static void assertKept(House house) throws IOException {
        List<String> kept = house.spilled();
        if (kept.isEmpty()) {
            return; // there is one, and it is not ours
        }
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(house.spill())));
        for (String said :
                List.of(" smtp message ", " mta delivery ", " is held: ", "lost child: mta")) {
            Waiting.until(
                    () -> house.spilled().stream().anyMatch(line -> line.contains(said)),
                    () -> "not kept: " + said + "\n" + house.lastLines());
        }
        assertTrue(kept.stream().noneMatch(line -> line.contains(" debug:")), house::lastLines);
    }

    private void hand(House house, String id) {
        Letter letter = Letter.of(id, random);
        Waiting.until(
                () -> house.client().send(letter, List.of(House.FAR)),
                () -> "mail is not taken:\n" + house.lastLines());
    }

    private static long count(Sink sink, String id) {
        return sink.messages().stream()
                .map(Letter::whole)
                .filter(it -> it.equals(Optional.of(id)))
                .count();
    }
}
