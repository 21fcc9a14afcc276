package smtpd.e2e.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Waiting;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/// A queue of the daemon as it is installed that moves between stores, keys and ways to pack, by
/// `smtpctl queue`.
class QueueToolsTest {
    private static final String OLD = "queue encryption id old 0123456789abcdef0123456789abcdef\n";
    private static final String NEW = "queue encryption id new fedcba9876543210fedcba9876543210\n";
    private static final String OLD_TOO =
            "queue decryption id old 0123456789abcdef0123456789abcdef\n";

    private final Account account = Account.unprivileged();
    private final Map<String, Letter> sent = new TreeMap<>();

    @BeforeEach
    void asAnotherUser() {}

    private static String conf(String queue, Sink sink) {
        return queue
                + """
                queue witness "PREFIX/witness"
                listen on 127.0.0.1 port PORT hostname mx.example.org
                action "far" relay host smtp://127.0.0.1:%d helo "mx.example.org"
                match from any for any action "far"
                """
                        .formatted(sink.port());
    }

    private void hand(House house, String id) {
        Letter letter = Letter.of(id, new SplittableRandom(id.hashCode()));
        Waiting.until(
                () -> house.client().send(letter, List.of(House.FAR)),
                () -> "mail is not taken:\n" + house.lastLines());
        sent.put(id, letter);
    }

    /// Of each envelope what no attempt changes: id, flags, addresses, times.
    private static Set<String> queue(House house) {
        Set<String> lines = new TreeSet<>();
        house.ask("show", "queue")
                .lines()
                .map(line -> line.split("\\|", -1))
                .filter(fields -> fields.length > 9)
                .forEach(fields ->
                        lines.add(
                                String.join("|", Arrays.copyOfRange(fields, 3, 9))
                                        + "|"
                                        + fields[0]));
        return lines;
    }

    /// Suspends all envelopes, the last of which the scheduler may not have heard of yet.
    private static void suspend(House house, int envelopes) {
        Waiting.until(
                () -> {
                    house.ask("pause", "envelope", "all");
                    return countSuspended(house) == envelopes;
                },
                () -> "not suspended: " + queue(house) + "\n" + house.lastLines());
    }

    /// Waits until all envelopes are there and suspended.
    private static Set<String> suspended(House house, int envelopes) {
        Waiting.until(
                () -> countSuspended(house) == envelopes,
                () -> "not suspended: " + queue(house) + "\n" + house.lastLines());
        return queue(house);
    }

    private static long countSuspended(House house) {
        return queue(house).stream().filter(it -> it.contains("suspend")).count();
    }

    private void allArrive(House house, Sink sink) {
        Waiting.until(
                () -> arrived(sink).containsAll(sent.keySet()),
                () -> "arrived " + arrived(sink) + "\n" + house.lastLines());
    }

    private static Set<String> arrived(Sink sink) {
        Set<String> ids = new TreeSet<>();
        sink.messages().forEach(message -> Letter.whole(message).ifPresent(ids::add));
        return ids;
    }

    @Test
    @DisplayName(
            "a queue moves through every store, sealed or not, as it is; the store it was in before"
                    + " is known as an earlier state")
    void queueMovesThroughEveryStore() throws Exception {
        try (Sink sink = Sink.start();
                House house = House.open(account, conf("queue compression\n" + OLD, sink))) {
            house.ask("pause", "mta");
            hand(house, "sealed-one");
            hand(house, "sealed-two");
            suspend(house, 2);
            move(house, sink, "segment", "fs", OLD_TOO);
            house.ask("pause", "mta");
            hand(house, "clear");
            suspend(house, 3);
            move(house, sink, "fs", "sqlite", "queue compression zstd\n" + OLD);
            assertTrue(house.lastLines().contains("compression enabled, zstd"), house::lastLines);
            house.ask("pause", "mta");
            hand(house, "sealed-three");
            suspend(house, 4);
            clear(house.spool().resolve("queue"));
            move(house, sink, "sqlite", "segment", NEW + OLD_TOO);
            assertEquals(List.of(), alarms(house));
            house.ask("resume", "envelope", "all");
            allArrive(house, sink);
            house.stop();
            house.configure(conf("queue backend fs\n" + NEW + OLD_TOO, sink));
            house.startAgain();
            suspended(house, 3);
            List<String> told = alarms(house);
            assertEquals(1, told.size(), told::toString);
            assertTrue(told.getFirst().contains("put back to an earlier state"), told::toString);
        }
    }

    private static List<String> alarms(House house) {
        return house.lastLines().lines().filter(it -> it.contains("ALARM")).toList();
    }

    /// Moves the queue of a stopped daemon to another store, and starts the daemon on it.
    private void move(House house, Sink sink, String from, String to, String packing)
            throws IOException, InterruptedException {
        Set<String> before = queue(house);
        house.stop();
        assertEquals(
                before.size() + " messages copied\n", house.program("queue", "copy", from, to));
        house.configure(conf("queue backend " + to + "\n" + packing, sink));
        house.startAgain();
        assertEquals(before, suspended(house, before.size()));
        assertEquals(List.of(), alarms(house));
    }

    private static void clear(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    @DisplayName("a live queue is rekeyed under load; a wrong or missing key changes nothing")
    void rekeyedUnderLoad() throws Exception {
        try (Sink sink = Sink.start();
                House house = House.open(account, conf(OLD, sink))) {
            for (int i = 0; i < 3; i++) {
                hand(house, "old-" + i);
            }
            allArrive(house, sink);
            house.ask("pause", "mta");
            hand(house, "kept");
            suspend(house, 1);
            house.stop();
            Map<String, String> files = contents(house.spool());
            for (String wrong : List.of(NEW, "")) {
                house.configure(conf(wrong, sink));
                String text = assertThrows(AssertionError.class, house::startAgain).getMessage();
                assertTrue(String.valueOf(text).contains("is missing for 1 message"), text);
                assertEquals(files, contents(house.spool()));
            }
            house.configure(conf(NEW + OLD_TOO, sink));
            house.startAgain();
            Thread load =
                    Thread.ofVirtual()
                            .start(() -> {
                                for (int i = 0; i < 10; i++) {
                                    hand(house, "new-" + i);
                                }
                            });
            String rekeyed = house.ask("queue", "rekey");
            assertTrue(rekeyed.contains("1"), rekeyed);
            load.join();
            house.stop();
            house.configure(conf(NEW, sink));
            house.startAgain();
            assertEquals(List.of(), alarms(house));
            house.ask("resume", "envelope", "all");
            allArrive(house, sink);
        }
    }

    /// The files of a spool but for its lock, which is there while it is worked on.
    private static Map<String, String> contents(Path spool) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        for (String store : List.of("queue", "messages", "corrupt")) {
            Path directory = spool.resolve(store);
            if (Files.isDirectory(directory)) {
                try (Stream<Path> files = Files.walk(directory)) {
                    for (Path file : files.filter(Files::isRegularFile).toList()) {
                        contents.put(
                                file.toString(),
                                HexFormat.of().formatHex(Files.readAllBytes(file)).hashCode()
                                        + " of "
                                        + Files.size(file));
                    }
                }
            }
        }
        return contents;
    }

    @Test
    @DisplayName("the spool of OpenSMTPD is taken in, and delivered")
    void spoolOfOpenSmtpdIsTakenIn() throws Exception {
        try (Sink sink = Sink.start();
                House house = House.open(account, conf("queue compression\n" + OLD, sink))) {
            house.stop();
            Letter letter = Letter.of("imported", new SplittableRandom(4));
            Path message = house.spool().resolveSibling("old/queue/12/12345678");
            Files.createDirectories(message);
            Files.writeString(message.resolve("message"), letter.text());
            Files.writeString(message.resolve("1234567800000001"), envelope());
            String imported =
                    house.program(
                            "queue", "import", message.resolve("../../..").normalize().toString());
            assertTrue(imported.endsWith("1 messages, 1 envelopes imported\n"), imported);
            sent.put("imported", letter);
            house.startAgain();
            allArrive(house, sink);
            assertEquals(List.of(), alarms(house));
        }
    }

    private static String envelope() {
        long now = InstantSource.system().instant().getEpochSecond();
        List<String> lines = new ArrayList<>();
        lines.add("version: 3");
        lines.add("dispatcher: far");
        lines.add("type: mta");
        lines.add("smtpname: mx.example.org");
        lines.add("helo: client");
        lines.add("hostname: client.example");
        lines.add("sockaddr: 192.0.2.1");
        lines.add("sender: client@client.example");
        lines.add("rcpt: " + House.FAR);
        lines.add("dest: " + House.FAR);
        lines.add("ctime: " + (now - 60));
        lines.add("ttl: 345600");
        return String.join("\n", lines) + "\n";
    }
}
