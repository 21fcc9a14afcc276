package smtpd.e2e.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/// What `listen` and `smtp limit` say of sessions, in the daemon as it runs.
class ListenersTest {
    private static final int PATIENCE_MILLIS = 60_000;
    private static final int BEAT_MILLIS = 500;

    @AutoClose private static final Started STARTED = new Started();

    private static @Nullable FarEnd far;
    private static List<Integer> ports = List.of();

    @BeforeAll
    static void start() throws Exception {
        Daemon daemon = STARTED.prepare(Account.unprivileged());
        ports = Ports.free(2);
        FarEnd end = STARTED.add(FarEnd.start("127.0.0.1", 0));
        far = end;
        daemon.write(
                "etc/smtpd.conf",
                """
                table names { 127.0.0.1 = "one.example.org", 127.0.0.2 = "two.example.org" }
                table users { alice = "%s" }
                smtp limit idle-timeout 4 session-timeout 8 max-commands 1000000
                listen on 127.0.0.1 port %2$d hostname other.example.org hostnames <names>
                listen on 127.0.0.2 port %2$d hostnames <names>
                listen on 127.0.0.1 port %3$d hostname mx.example.org bare-lf { 127.0.0.8/29 }
                action "home" maildir userbase <users>
                action "far" relay host "smtp://127.0.0.1:%4$d"
                action "near" relay host "lmtp://127.0.0.1:%4$d"
                match from any for domain "local.example" action "home"
                match from any for domain "far.example" action "far"
                match from any for domain "near.example" action "near"
                match for any action "far"
                """
                        .formatted(daemon.home("alice"), ports.get(0), ports.get(1), end.port()));
        daemon.start();
    }

    private static Daemon daemon() {
        return STARTED.daemon();
    }

    /// A client that ends its lines as it likes.
    private static final class Client implements AutoCloseable {
        private final Socket socket = new Socket();
        private final BufferedReader in;

        Client(String from, String to, int port) throws IOException {
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
            socket.connect(new InetSocketAddress(InetAddress.ofLiteral(to), port), PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
        }

        /// The last line of the next reply; `closed` at the end.
        String reply() throws IOException {
            String line = in.readLine();
            while (line != null && line.length() > 3 && line.charAt(3) == '-') {
                line = in.readLine();
            }
            return line == null ? "closed" : line;
        }

        String say(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(ISO_8859_1));
            return reply();
        }

        /// The next line if it comes within a beat; empty if not.
        String within(int millis) throws IOException {
            socket.setSoTimeout(millis);
            try {
                return reply();
            } catch (SocketTimeoutException e) {
                return "";
            } finally {
                socket.setSoTimeout(PATIENCE_MILLIS);
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @Test
    void theServerIsCalledByTheAddressAClientConnectsTo() throws Exception {
        for (String[] each :
                List.of(
                        new String[] {"127.0.0.1", "one.example.org"},
                        new String[] {"127.0.0.2", "two.example.org"})) {
            try (Client client = new Client("127.0.0.1", each[0], ports.getFirst())) {
                String banner = client.reply();
                assertTrue(banner.startsWith("220 " + each[1] + " "), () -> banner + log());
                String hello = client.say("HELO client.example\r\n");
                assertTrue(hello.startsWith("250 " + each[1] + " Hello "), hello);
            }
        }
    }

    private static String log() {
        return "\n" + daemon().lastLines();
    }

    @Test
    void whoIsSilentAndWhoTalksForEverAreSentAway() throws Exception {
        try (Client silent = new Client("127.0.0.1", "127.0.0.1", ports.getFirst());
                Client busy = new Client("127.0.0.1", "127.0.0.1", ports.getFirst())) {
            assertTrue(silent.reply().startsWith("220 "));
            assertTrue(busy.reply().startsWith("220 "));
            long begun = System.nanoTime();
            String last = "";
            while (last.isEmpty()) {
                String answer = busy.say("NOOP\r\n");
                last = answer.startsWith("250 ") ? busy.within(BEAT_MILLIS) : answer;
                assertTrue(System.nanoTime() - begun < PATIENCE_MILLIS * 1_000_000L, answer);
            }
            assertTrue(last.startsWith("421 4.4.2 "), last);
            assertEquals("closed", busy.reply());
            String idle = silent.reply();
            assertTrue(idle.startsWith("421 4.4.2 "), idle);
            assertEquals("closed", silent.reply());
        }
        Waiting.until(
                () ->
                        daemon().log(0).stream()
                                        .filter(line ->
                                                line.endsWith("disconnected reason=timeout"))
                                        .count()
                                >= 2,
                ListenersTest::log);
    }

    @Test
    @DisplayName("F-5 a client on the list of its listener may end lines with LF, nobody else")
    void bareLfIsForThoseOnTheList() throws Exception {
        try (Client other = new Client("127.0.0.1", "127.0.0.1", ports.getLast())) {
            other.reply();
            assertTrue(other.say("EHLO client.example\n").startsWith("500 5.5.2 "), log());
            assertEquals("closed", other.reply());
        }
        try (Client listed = new Client("127.0.0.9", "127.0.0.1", ports.getLast())) {
            listed.reply();
            assertTrue(listed.say("EHLO client.example\n").startsWith("250 "), log());
            assertTrue(listed.say("MAIL FROM:<a@client.example>\n").startsWith("250 "));
            assertTrue(listed.say("RCPT TO:<alice@local.example>\n").startsWith("250 "));
            assertTrue(listed.say("DATA\n").startsWith("354 "));
            assertTrue(listed.say("Subject: x\n\n..dots\n.\n").startsWith("250 "), log());
            assertTrue(listed.say("QUIT\n").startsWith("221 "));
        }
        Path inbox = daemon().prefix().resolve("home/alice/Maildir/new");
        Waiting.until(() -> Files.isDirectory(inbox) && count(inbox) == 1, ListenersTest::log);
        try (Stream<Path> files = Files.list(inbox)) {
            String mail = Files.readString(files.toList().getFirst());
            assertTrue(mail.contains("\nSubject: x\n"), mail);
            assertTrue(mail.endsWith("\n\n.dots\n"), mail);
        }
    }

    @Test
    @DisplayName(
            "F-14 quoted local parts come through queue, SMTP, LMTP, report and log as they were")
    void quotedLocalPartsKeepEveryOctet() throws Exception {
        String sender = "\"al\\\"i ce\"@far.example";
        List<String> rcpts =
                List.of(
                        "\"a \\\"b\\\" c\"@far.example",
                        "\"never \\\\ @ x\"@far.example",
                        "\"@\"@near.example",
                        "\"\"@near.example");
        try (Client client = new Client("127.0.0.1", "127.0.0.1", ports.getLast())) {
            client.reply();
            client.say("EHLO client.example\r\n");
            String reply = client.say("MAIL FROM:<" + sender + ">\r\n");
            assertTrue(reply.startsWith("250 "), reply);
            for (String rcpt : rcpts) {
                String answer = client.say("RCPT TO:<" + rcpt + ">\r\n");
                assertTrue(answer.startsWith("250 "), () -> rcpt + answer + log());
            }
            client.say("DATA\r\n");
            assertTrue(client.say("Subject: x\r\n\r\nx\r\n.\r\n").startsWith("250 "));
        }
        FarEnd end = Objects.requireNonNull(far);
        Waiting.until(
                () -> end.contents().stream().anyMatch(it -> it.contains("Final-Recipient")),
                ListenersTest::log);
        List<String> said = end.transcript();
        for (String rcpt : rcpts) {
            assertTrue(
                    said.stream().anyMatch(line -> line.contains(" RCPT TO:<" + rcpt + ">")),
                    said::toString);
            String logged = " to=<" + rcpt.replace("\\", "\\\\") + ">";
            Waiting.until(
                    () -> daemon().log(0).stream().anyMatch(line -> line.contains(logged)),
                    ListenersTest::log);
        }
        assertTrue(
                said.stream().anyMatch(line -> line.contains(" MAIL FROM:<" + sender + ">")),
                said::toString);
        assertTrue(
                said.stream().anyMatch(line -> line.contains(" RCPT TO:<" + sender + ">")),
                said::toString);
        String report =
                end.contents().stream()
                        .filter(it -> it.contains("Final-Recipient"))
                        .findFirst()
                        .orElseThrow();
        assertTrue(report.contains("Final-Recipient: rfc822; " + rcpts.get(1)), report);
    }

    private static long count(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        }
    }
}
