package smtpd.e2e.dialogue;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Daemon;
import smtpd.e2e.scenario.Ports;
import smtpd.e2e.scenario.Started;
import smtpd.testkit.dialogue.Dialogue;
import smtpd.testkit.dialogue.DialogueRunner;
import smtpd.testkit.dialogue.Dialogues;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// Every dialogue that needs neither a broken peer nor another configuration, against the daemon as
/// it is installed.
class DialogueOverTcpTest {
    private static final int READ_MILLIS = 30_000;

    @AutoClose private static final Started STARTED = new Started();

    private static int port;
    private static int lmtpPort;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        Daemon started = STARTED.prepare(Account.unprivileged());
        List<Integer> ports = Ports.free(2);
        port = ports.getFirst();
        lmtpPort = ports.getLast();
        started.write(
                "etc/smtpd.conf",
                """
                table users { alice = "%s", bob = "%s" }
                listen on 127.0.0.1 port %d hostname mx.example.org
                listen on 127.0.0.1 port %d hostname mx.example.org lmtp
                action "inside" maildir userbase <users>
                action "outside" relay host smtp://127.0.0.1:1
                match from any for domain "example.org" action "inside"
                match from any for domain "remote.test" action "outside"
                """
                        .formatted(started.home("alice"), started.home("bob"), port, lmtpPort));
        started.start();
    }

    @TestFactory
    Stream<DynamicTest> dialogues() {
        return Dialogues.all().stream()
                .filter(DialogueOverTcpTest::fits)
                .map(it -> DynamicTest.dynamicTest(it.name(), () -> play(it)));
    }

    /// Not those of a client that talks first: over a real connection its words and the greeting
    /// may cross.
    private static boolean fits(Dialogue dialogue) {
        return dialogue.faults().isEmpty()
                && (dialogue.settings().isEmpty() || isLmtp(dialogue))
                && !dialogue.clientBegins();
    }

    private static boolean isLmtp(Dialogue dialogue) {
        return dialogue.settings().keySet().equals(Set.of("lmtp"));
    }

    private static void play(Dialogue dialogue) throws IOException {
        try (Socket client = connected(isLmtp(dialogue) ? lmtpPort : port)) {
            client.setSoTimeout(READ_MILLIS);
            Map<String, String> names = Map.of("host", "mx.example.org", "address", "127.0.0.1");
            DialogueRunner runner = new DialogueRunner(dialogue, names);
            runner.play(0, client.getInputStream(), client.getOutputStream());
        }
    }

    private static Socket connected(int to) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), to);
    }

    @Test
    void mostDialoguesFit() {
        long count = Dialogues.all().stream().filter(DialogueOverTcpTest::fits).count();
        assertTrue(count > 50, () -> "only " + count);
    }
}
