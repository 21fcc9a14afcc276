package smtpd.e2e.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.proc.Role;
import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Waiting;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// A message whose recipients fail in every way, and a queue or a whole daemon that is killed when
/// the first have failed and the last has not.
class OneReportTest {
    private static final List<String> RCPTS =
            List.of(
                    "quick@far.example",
                    "slow@far.example",
                    "exit@example.org",
                    "round@example.org",
                    "late@dead.example");

    /// Those that have failed when the kill comes: by a command, by a loop, by time.
    private static final int FIRST = 3;

    private static final String CONF =
            """
            table users {
              alice = "UID:GID:PREFIX/home/alice", exit = "UID:GID:PREFIX/home/exit",
              round = "UID:GID:PREFIX/home/round" }
            listen on 127.0.0.1 port PORT hostname mx.example.org
            action "local" maildir userbase <users>
            action "command" mda "exit 69" userbase <users>
            action "far" relay host smtp://127.0.0.1:%d helo "mx.example.org"
            action "dead" relay host smtp://127.0.0.1:1 helo "mx.example.org" ttl 1s
            match from any for rcpt-to "exit@example.org" action "command"
            match from any for domain "example.org" action "local"
            match from any for domain "dead.example" action "dead"
            match from any for any action "far"
            """;

    private static final Letter LETTER =
            new Letter(
                    "one",
                    """
                    Delivered-To: round@example.org
                    From: <alice@example.org>
                    To: <everybody@example.org>
                    Subject: to whom it may concern
                    Message-ID: <one@example.org>

                    a text
                    """);

    @ParameterizedTest
    @ValueSource(strings = {"nobody", "queue", "scheduler", "all"})
    @DisplayName("F-87: all that fail are told in one report, whoever is killed in between")
    void allThatFailAreToldInOneReport(String victim) throws IOException, InterruptedException {
        Account account = Account.unprivileged();
        try (Refuser far = new Refuser();
                House house =
                        House.open(account, CONF.replace("%d", Integer.toString(far.port())))) {
            Waiting.until(
                    () -> house.client().send("alice@example.org", LETTER, RCPTS),
                    () -> "mail is not taken:\n" + house.lastLines());
            Waiting.until(
                    () -> far.wasAsked() && bounces(house) == FIRST,
                    () -> house.ask("show", "queue") + house.lastLines());
            switch (victim) {
                case "queue" -> house.kill(Role.QUEUE);
                case "scheduler" -> house.kill(Role.SCHEDULER);
                case "all" -> house.killAll();
                default -> {}
            }
            far.speak();
            Waiting.until(
                    () -> house.mailbox().size() == 1 && house.ask("show", "queue").isBlank(),
                    () -> house.ask("show", "queue") + house.lastLines());
            List<String> reports = house.mailbox();
            assertEquals(1, reports.size());
            String report = reports.getFirst().replace("\r", "");
            assertEquals(new TreeSet<>(RCPTS), about(report), report);
            assertTrue(report.contains("There is no such mailbox."), report);
            assertTrue(report.contains("The recipient's mailbox is full."), report);
            assertTrue(report.contains("The message went round in a circle"), report);
            Mime.isReport(report);
        }
    }

    private static int bounces(House house) {
        return house.ask("show", "queue").split("\\|bounce\\|", -1).length - 1;
    }

    private static Set<String> about(String report) {
        Set<String> about = new TreeSet<>();
        for (String line : report.split("\n", -1)) {
            if (line.startsWith("Final-Recipient: rfc822; ")) {
                about.add(line.substring("Final-Recipient: rfc822; ".length()));
            }
        }
        return about;
    }
}
