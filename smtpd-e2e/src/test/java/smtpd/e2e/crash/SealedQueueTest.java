package smtpd.e2e.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Waiting;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// An encrypted queue of the daemon as it is installed: nothing of a message can be read in any
/// file below the prefix that the queue may write, while mail waits and after it went.
class SealedQueueTest {
    /// `SMTPD_SEALED_MESSAGES` asks for more than the suite has time for.
    private static final int MESSAGES =
            Integer.parseInt(System.getenv().getOrDefault("SMTPD_SEALED_MESSAGES", "15"));

    /// Parts of the header, the body and the addresses.
    private static final List<String> SECRETS =
            List.of(
                    "sender-nobody-may-see",
                    "bob@far.example",
                    "far.example",
                    "Message-ID",
                    "client@client.example",
                    "X-Letter",
                    "Subject: letter",
                    "words-of-the-body",
                    "not-now-from-afar");

    /// Who the daemon runs as: with root it shuts its processes in as it does when installed.
    enum Runner {
        ROOT,
        USER;

        private Account account() {
            return this == ROOT ? Account.caller() : Account.unprivileged();
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({"segment, USER", "fs, USER", "sqlite, USER", "sqlite, ROOT"})
    @DisplayName(
            "F-85: nothing of an encrypted message is in any file of the spool, nor in the log")
    void nothingReadableIsWritten(String backend, Runner runner)
            throws IOException, InterruptedException {
        Account account = runner.account();
        assumeTrue(
                runner != Runner.ROOT || (account.isRoot() && Account.daemonUsersExist()),
                "needs root and the users _smtpd and _smtpq");
        try (Sink sink = Sink.silentAbout("X-Letter: last");
                House house = House.open(account, conf(backend, sink.port()))) {
            List<String> found = new ArrayList<>();
            for (int i = 0; i < MESSAGES; i++) {
                hand(house, i == 0 ? "last" : "letter-" + i);
                if (i % 10 == 0) {
                    found.addAll(secretsIn(house.spool()));
                    assertEquals(List.of(), filesElsewhere(house));
                }
            }
            Waiting.until(
                    () -> sink.messages().size() >= MESSAGES,
                    () -> "not sent:\n" + house.lastLines());
            Waiting.until(
                    () -> house.ask("show", "queue").lines().count() == 1,
                    () -> "others wait:\n" + house.ask("show", "queue"));
            assertEquals(List.of(), found);
            assertEquals(List.of(), secretsIn(house.spool()));
            String waiting = house.ask("show", "queue").split("\\|", -1)[0];
            assertTrue(
                    house.ask("show", "message", waiting.substring(0, 8))
                            .contains("words-of-the-body"));
            house.killAll();
            assertTrue(house.ask("show", "envelope", waiting).contains("bob@far.example"));
            assertFalse(house.log().toString().contains(KEY), "in the log");
            assertEquals(List.of(), whoShows(house, KEY));
            assertFalse(house.lastLines().contains("ALARM"), house::lastLines);
            if (runner == Runner.ROOT) {
                emptiedQueueIsTold(house);
            }
        }
    }

    /// All of the storage is taken away, and the file that the queue may write elsewhere tells.
    private static void emptiedQueueIsTold(House house) throws IOException, InterruptedException {
        house.stop();
        try (Stream<Path> files = Files.list(house.spool())) {
            for (Path file : files.toList()) {
                if (String.valueOf(file.getFileName()).startsWith("queue.sqlite")) {
                    Files.delete(file);
                }
            }
        }
        house.startAgain();
        assertTrue(house.lastLines().contains("ALARM: the sealed queue"), house::lastLines);
        hand(house, "after");
    }

    /// Processes of the daemon whose arguments or environment have a text in them.
    private static List<String> whoShows(House house, String text) throws IOException {
        List<String> found = new ArrayList<>();
        for (ProcessHandle process : house.processes()) {
            for (String file : List.of("cmdline", "environ")) {
                Path path = Path.of("/proc/" + process.pid()).resolve(file);
                try {
                    if (Files.readString(path, StandardCharsets.ISO_8859_1).contains(text)) {
                        found.add(path.toString());
                    }
                } catch (AccessDeniedException | NoSuchFileException _) {
                    // nobody may look, or it ended while we looked
                }
            }
        }
        return found;
    }

    /// Files that a process of the daemon has open for writing and that are not in its spool: but
    /// for the witness there are no others, in the temporary directory or anywhere else, removed
    /// ones included.
    private static List<String> filesElsewhere(House house) throws IOException {
        List<String> found = new ArrayList<>();
        for (ProcessHandle process : house.processes()) {
            Path open = Path.of("/proc/" + process.pid() + "/fd");
            try (Stream<Path> numbers = Files.list(open)) {
                for (Path number : numbers.toList()) {
                    String target = Files.readSymbolicLink(number).toString();
                    if (target.startsWith("/")
                            && !target.startsWith("/dev/")
                            && !target.startsWith(house.spool().toString())
                            && !target.endsWith("/witness")
                            && writes(number)) {
                        found.add(target);
                    }
                }
            } catch (AccessDeniedException | NoSuchFileException | UncheckedIOException _) {
                // only root may look, or closed while we looked
            }
        }
        return found;
    }

    private static boolean writes(Path number) throws IOException {
        Path details = Path.of(number.toString().replaceFirst("/fd/", "/fdinfo/"));
        for (String line : Files.readAllLines(details)) {
            if (line.startsWith("flags:")) {
                int flags = Integer.parseInt(line.substring(6).strip(), 8);
                return (flags & 3) != 0;
            }
        }
        return false;
    }

    private static final String KEY = "0123456789abcdef0123456789abcdef";

    private static String conf(String backend, int relay) {
        return """
        queue backend %s
        scheduler backend %s
        queue compression
        queue witness "PREFIX/witness"
        queue encryption id test %s
        listen on 127.0.0.1 port PORT hostname mx.example.org
        action "far" relay host smtp://127.0.0.1:%d helo "mx.example.org"
        match from any for any action "far"
        """
                .formatted(backend, backend.equals("sqlite") ? "sqlite" : "ram", KEY, relay);
    }

    private static void hand(House house, String id) {
        Letter letter = Letter.of(id, new SplittableRandom(id.hashCode()));
        Letter known = new Letter(id, letter.text() + "words-of-the-body\n");
        Waiting.until(
                () -> house.client().send("sender-nobody-may-see@client.example", known, FAR),
                () -> "mail is not taken:\n" + house.lastLines());
    }

    private static final List<String> FAR = List.of(House.FAR);

    private static List<String> secretsIn(Path spool) throws IOException {
        List<String> found = new ArrayList<>();
        Files.walkFileTree(
                spool,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes its)
                            throws IOException {
                        try {
                            String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
                            SECRETS.stream()
                                    .filter(bytes::contains)
                                    .forEach(secret -> found.add(file + ": " + secret));
                        } catch (NoSuchFileException _) {
                            // removed while we looked
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException e)
                            throws IOException {
                        if (e instanceof NoSuchFileException) {
                            return FileVisitResult.CONTINUE; // removed while we looked
                        }
                        throw e;
                    }
                });
        return found;
    }
}
