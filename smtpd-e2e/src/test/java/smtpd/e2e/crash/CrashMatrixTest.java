package smtpd.e2e.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

import smtpd.core.proc.Role;
import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Waiting;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/// Under load every process in turn is killed at random moments, and the whole daemon too. What was
/// acknowledged is delivered; what was not is delivered whole or not at all.
///
/// `-Dcrash.seconds` says for how long, `-Dcrash.seed` when; the moments follow from the seed, what
/// is under way at each does not.
class CrashMatrixTest {
    private static final Duration KILLING = Duration.ofSeconds(Long.getLong("crash.seconds", 20));
    private static final long SEED = Long.getLong("crash.seed", 1);
    private static final int PAUSE_MILLIS_MAX = 900;

    /// How long the backlog may take: what was twice with a deliverer that was killed is suspected
    /// of killing it, and goes out one by one.
    private static final Duration DRAINING = Waiting.PATIENCE.multipliedBy(4);

    @Test
    @DisplayName("F-58 F-69: nothing acknowledged is lost however processes die")
    void nothingAcknowledgedIsLostHoweverProcessesDie(TestReporter reporter)
            throws IOException, InterruptedException {
        Account account = Account.unprivileged();
        try (Sink sink = Sink.start();
                House house = House.open(account, sink.port());
                Load load = Load.start(house.client(), SEED)) {
            Map<String, Integer> kills = kill(house);
            load.stop();
            assertTrue(load.acknowledged() > 0, () -> "no mail:\n" + house.lastLines());
            settle(house, sink, load);
            String tally = check(load, house.mailbox(), sink.messages(), kills);
            reporter.publishEntry("crash matrix, seed " + SEED, tally);
            assertServes(house);
        }
    }

    /// Kills until the time is over; says how often each was killed, at least once.
    private static Map<String, Integer> kill(House house) throws IOException {
        Random random = new Random(SEED);
        Map<String, Integer> kills = new TreeMap<>();
        long deadline = System.nanoTime() + KILLING.toNanos();
        while (kills.isEmpty() || System.nanoTime() - deadline < 0) {
            List<Role> round = new ArrayList<>(House.CHILDREN);
            Collections.shuffle(round, random);
            for (Role role : round) {
                Waiting.pass(Duration.ofMillis(random.nextInt(PAUSE_MILLIS_MAX)));
                house.kill(role);
                kills.merge(role.word(), 1, Integer::sum);
            }
            Waiting.pass(Duration.ofMillis(random.nextInt(PAUSE_MILLIS_MAX)));
            house.killAll();
            kills.merge("daemon", 1, Integer::sum);
        }
        return kills;
    }

    /// Waits until nothing is left in the queue; what was put off is tried at once.
    private static void settle(House house, Sink sink, Load load) {
        boolean drained =
                Waiting.within(
                        DRAINING,
                        () -> {
                            house.ask("schedule", "all");
                            return missing(house, sink, load).isEmpty()
                                    && house.ask("show", "queue").isBlank();
                        });
        assertTrue(
                drained,
                () ->
                        "missing "
                                + missing(house, sink, load)
                                + "\nqueue:\n"
                                + house.ask("show", "queue")
                                + "\n"
                                + house.lastLines());
    }

    private static List<String> missing(House house, Sink sink, Load load) {
        return load.missing(ids(house.mailbox()), ids(sink.messages()));
    }

    /// The ids of the messages that are whole, each with how many copies there are.
    private static Map<String, Integer> ids(List<String> messages) {
        Map<String, Integer> copies = new TreeMap<>();
        messages.stream()
                .map(Letter::whole)
                .flatMap(Optional::stream)
                .forEach(id -> copies.merge(id, 1, Integer::sum));
        return copies;
    }

    private static String check(
            Load load, List<String> stored, List<String> relayed, Map<String, Integer> kills) {
        for (List<String> messages : List.of(stored, relayed)) {
            for (String message : messages) {
                assertTrue(Letter.whole(message).isPresent(), () -> "not whole:\n" + message);
            }
        }
        Map<String, Integer> local = ids(stored);
        Map<String, Integer> far = ids(relayed);
        assertEquals(List.of(), load.missing(local, far), "acknowledged and lost");
        TreeSet<String> strangers = new TreeSet<>(local.keySet());
        strangers.addAll(far.keySet());
        strangers.removeAll(load.sent());
        assertEquals(new TreeSet<>(), strangers, "never sent");
        int twice = duplicates(local, kills, "mda") + duplicates(far, kills, "mta");
        return "acknowledged %d of %d, stored %d, relayed %d, copies too many %d, killed %s"
                .formatted(
                        load.acknowledged(),
                        load.sent().size(),
                        stored.size(),
                        relayed.size(),
                        twice,
                        kills);
    }

    /// A delivery is repeated only because who did it, or who would have recorded it, died.
    private static int duplicates(
            Map<String, Integer> copies, Map<String, Integer> kills, String deliverer) {
        int deaths =
                kills.getOrDefault(deliverer, 0)
                        + kills.getOrDefault("queue", 0)
                        + kills.getOrDefault("daemon", 0);
        int twice = 0;
        for (Map.Entry<String, Integer> entry : copies.entrySet()) {
            int more = entry.getValue() - 1;
            assertTrue(more <= deaths, () -> entry + " with " + deaths + " deaths");
            twice += more;
        }
        return twice;
    }

    private static void assertServes(House house) {
        Letter last = Letter.of("last", RandomGenerator.of("SplittableRandom"));
        Waiting.until(
                () -> house.client().send(last, List.of(House.LOCAL)),
                () -> "mail is not taken:\n" + house.lastLines());
        Waiting.until(
                () -> ids(house.mailbox()).containsKey("last"),
                () -> "mail is not delivered:\n" + house.lastLines());
        Waiting.until(
                () -> house.downNow().isEmpty(), () -> house.downNow() + "\n" + house.lastLines());
    }
}
