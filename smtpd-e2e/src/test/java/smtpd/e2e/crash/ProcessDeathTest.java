package smtpd.e2e.crash;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import smtpd.core.proc.Role;
import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Daemon;
import smtpd.e2e.scenario.Ending;
import smtpd.e2e.scenario.Waiting;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/// One process dies while nothing is under way: it is started again, and mail passes.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProcessDeathTest {
    /// More than the memory for lines holds, each of so many commands, as many as a session may
    /// say.
    private static final int CHATTERERS = 8;

    private static final int COMMANDS = 900;
    private static final String LONG_WORD = "x".repeat(450);
    private static final Pattern DROPPED = Pattern.compile("warn: log: [1-9][0-9]* lines dropped");

    private final RandomGenerator random = new SplittableRandom(1);
    private Sink sink;
    private House house;
    private int letters;

    @BeforeAll
    void start() throws IOException, InterruptedException {
        Account account = Account.unprivileged();
        sink = Sink.start();
        house = House.open(account, sink.port());
    }

    @AfterAll
    void stop() throws IOException {
        if (house != null) {
            house.close();
        }
        if (sink != null) {
            sink.close();
        }
    }

    @ParameterizedTest
    @EnumSource(value = Role.class, names = "PARENT", mode = EnumSource.Mode.EXCLUDE)
    @DisplayName("F-69: the process that died is started again and mail passes")
    void processThatDiedIsStartedAgainAndMailPasses(Role role) {
        ProcessHandle dead = house.kill(role);
        mailPasses();
        Waiting.until(() -> house.child(role).isPresent(), () -> "gone:\n" + house.lastLines());
        assertNotEquals(dead.pid(), house.child(role).orElseThrow().pid());
        statusListsAll();
    }

    @Test
    @DisplayName("F-69: after the death of the whole daemon mail passes")
    void afterTheDeathOfTheWholeDaemonMailPasses() throws IOException {
        mailPasses();
        house.killAll();
        mailPasses();
        statusListsAll();
    }

    @Test
    @DisplayName("F-69: the processes do not outlive the parent")
    void processesDoNotOutliveTheParent() throws IOException {
        ProcessHandle parent = house.parent().orElseThrow();
        List<ProcessHandle> children = parent.children().toList();
        assertTrue(children.size() >= House.CHILDREN.size() - 1, () -> "few: " + children);
        parent.destroyForcibly();
        Ending.await(children, () -> "left behind:\n" + house.lastLines());
        house.startAgain();
        mailPasses();
    }

    @Test
    @DisplayName("F-83: a log that nobody reads keeps no mail waiting; what was dropped is counted")
    void aLogThatNobodyReadsKeepsNoMailWaiting() throws IOException, InterruptedException {
        mailPasses();
        house.ask("trace", "smtp");
        int read;
        try (Daemon.Unread _ = house.unreadLog()) {
            read = house.log().size();
            for (int i = 0; i < CHATTERERS; i++) {
                house.client().chatter(COMMANDS, LONG_WORD);
            }
            mailPasses();
            assertTrue(house.log().size() <= read + 1, "somebody reads");
        }
        house.ask("untrace", "smtp");
        Waiting.until(
                () -> house.log().stream().anyMatch(DROPPED.asPredicate()),
                () -> "nothing is said of what was dropped:\n" + house.lastLines());
        mailPasses();
    }

    private void mailPasses() {
        Letter letter = Letter.of("idle-" + ++letters, random);
        Waiting.until(
                () -> house.client().send(letter, List.of(House.LOCAL, House.FAR)),
                () -> "mail is not taken:\n" + house.lastLines());
        Waiting.until(
                () -> isThere(letter, house.mailbox()) && isThere(letter, sink.messages()),
                () -> letter.id() + " does not arrive:\n" + house.lastLines());
    }

    private static boolean isThere(Letter letter, List<String> messages) {
        return messages.stream()
                .map(Letter::whole)
                .flatMap(Optional::stream)
                .anyMatch(letter.id()::equals);
    }

    private void statusListsAll() {
        Waiting.until(
                () -> house.downNow().isEmpty(), () -> house.downNow() + "\n" + house.lastLines());
    }
}
