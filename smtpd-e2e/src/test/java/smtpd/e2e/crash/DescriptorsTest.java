package smtpd.e2e.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.proc.Role;
import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Waiting;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Processes whose descriptors run out, by a limit that the kernel keeps.
class DescriptorsTest {
    private static final int CLIENTS = 60;
    private static final int FREE = 20;
    private static final int PLENTY = 512;

    private final Account account = Account.unprivileged();
    private final SplittableRandom random = new SplittableRandom(4);

    @Test
    @DisplayName("F-68: without descriptors there is no mail for now, and smtpctl is served")
    void mailWaitsAndTheControlSocketDoesNot() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")), "needs prlimit");
        try (Sink sink = Sink.start();
                House house = House.open(account, sink.port())) {
            crowd(house);
            withoutForTheQueue(house);
            assertEquals(List.of(), house.downNow());
            Set<String> arrived = new TreeSet<>();
            house.mailbox().forEach(it -> arrived.add(Letter.whole(it).orElseThrow()));
            assertEquals(Set.of("afterwards", "again"), arrived);
        }
    }

    /// More clients than smtp has descriptors for.
    private void crowd(House house) throws IOException, InterruptedException {
        long smtp = house.child(Role.SMTP).orElseThrow().pid();
        limit(smtp, descriptors(smtp) + FREE);
        List<Socket> crowd = new ArrayList<>();
        try {
            for (int i = 0; i < CLIENTS; i++) {
                crowd.add(new Socket(InetAddress.ofLiteral("127.0.0.1"), house.client().port()));
            }
            Waiting.until(
                    () -> house.lastLines().contains("accept: Too many open files"),
                    () -> "nothing ran out:\n" + house.lastLines());
            assertEquals(List.of(), house.downNow(), house::lastLines);
            assertEquals(
                    smtp,
                    house.child(Role.SMTP).map(ProcessHandle::pid).orElse(0L),
                    house::lastLines);
        } finally {
            for (Socket socket : crowd) {
                socket.close();
            }
        }
        handed(house, "afterwards");
    }

    /// A queue that can open no file.
    private void withoutForTheQueue(House house) throws IOException, InterruptedException {
        long queue = house.child(Role.QUEUE).orElseThrow().pid();
        // the segment is full: a new one has to be made
        limit(queue, 3);
        assertTrue(house.ask("show", "status").contains("process queue"));
        Letter letter = Letter.of("again", random);
        boolean taken = house.client().send(letter, List.of(House.LOCAL));
        limit(queue, PLENTY);
        assertEquals(queue, house.child(Role.QUEUE).orElseThrow().pid());
        if (!taken) {
            handed(house, "again");
        }
        Waiting.until(() -> house.mailbox().size() == 2, () -> house.lastLines());
        assertFalse(house.lastLines().contains("spool failed"), house.lastLines());
    }

    private void handed(House house, String id) {
        Letter letter = Letter.of(id, random);
        Waiting.until(
                () -> house.client().send(letter, List.of(House.LOCAL)),
                () -> "mail is not taken:\n" + house.lastLines());
    }

    private static int descriptors(long pid) throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return (int) open.count();
        }
    }

    private void limit(long pid, int count) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(account.prefix());
        words.addAll(List.of("prlimit", "--pid", Long.toString(pid), "--nofile=" + count + ":"));
        Process prlimit = new ProcessBuilder(words).inheritIO().start();
        assertTrue(prlimit.waitFor(10, TimeUnit.SECONDS));
        assertEquals(0, prlimit.exitValue(), "prlimit");
    }
}
