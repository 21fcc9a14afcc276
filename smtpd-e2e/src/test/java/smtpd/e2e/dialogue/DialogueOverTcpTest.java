package smtpd.e2e.dialogue;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Daemon;
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

    private static @Nullable Daemon daemon;
    private static int port;
    private static int lmtpPort;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        Account account = Account.unprivileged();
        assumeTrue(account.usable(), "setpriv is missing");
        Daemon started = Daemon.prepare(account);
        daemon = started;
        List<Integer> ports = Daemon.freePorts(2);
        port = ports.getFirst();
        lmtpPort = ports.getLast();
        String home = account.uid() + ":" + account.gid() + ":" + started.prefix() + "/home/";
        started.write(
                "etc/smtpd.conf",
                """
                table users { alice = "%1$salice", bob = "%1$sbob" }
                listen on 127.0.0.1 port %2$d hostname mx.example.org
                listen on 127.0.0.1 port %3$d hostname mx.example.org lmtp
                action "inside" maildir userbase <users>
                action "outside" relay host smtp://127.0.0.1:1
                match from any for domain "example.org" action "inside"
                match from any for domain "remote.test" action "outside"
                """
                        .formatted(home, port, lmtpPort));
        started.start();
    }

    @AfterAll
    static void stop() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
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
