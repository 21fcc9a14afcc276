package smtpd.e2e.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.testkit.tls.TestCa;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/// A user of the machine, made for the test, authenticates with the machine's password; checked by
/// the parent, for a daemon that root has started.
class SystemUserTest {
    private static final String PASSWORD = "correct horse: battery";
    private static final String SECRET = "nobody-may-see-this";

    private static int run(String input, String... words) throws Exception {
        return Distribution.run(List.of(words), Map.of(), input.getBytes(UTF_8)).status();
    }

    private static String plain(String user, String password) {
        byte[] message = ("\0" + user + "\0" + password).getBytes(UTF_8);
        return "AUTH PLAIN " + Base64.getEncoder().encodeToString(message);
    }

    /// A session under TLS.
    private static final class Client implements AutoCloseable {
        private final SSLSocket socket;
        private final BufferedReader in;

        Client(TestCa ca, int port) throws Exception {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("ca", ca.certificate());
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            socket =
                    (SSLSocket)
                            context.getSocketFactory()
                                    .createSocket(InetAddress.ofLiteral("127.0.0.1"), port);
            socket.setSoTimeout(60_000);
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
            reply();
            say("EHLO client.example");
        }

        private String reply() throws IOException {
            String line = in.readLine();
            while (line != null && line.length() > 3 && line.charAt(3) == '-') {
                line = in.readLine();
            }
            return line == null ? "closed" : line;
        }

        String say(String line) throws IOException {
            socket.getOutputStream().write((line + "\r\n").getBytes(UTF_8));
            return reply();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @Test
    @DisplayName(
            "F-85 a user of the system authenticates; no log has the password, no argument a"
                    + " secret")
    void aUserOfTheSystemAuthenticates() throws Exception {
        Account root = Account.caller();
        assumeTrue(root.isRoot(), "needs root");
        assumeTrue(Account.daemonUsersExist(), "needs the users _smtpd and _smtpq");
        assumeTrue(run("", "useradd", "--help") == 0, "needs useradd");
        String user =
                "smtpd-" + Long.toString(System.nanoTime() & 0xffffff, 36).toLowerCase(Locale.ROOT);
        assumeTrue(run("", "useradd", "-M", "-N", user) == 0, "cannot make a user here");
        try {
            assertEquals(0, run(user + ":" + PASSWORD + "\n", "chpasswd"));
            logIn(root, user);
        } finally {
            run("", "userdel", user);
        }
    }

    /// Processes whose arguments or environment have a text in them.
    private static List<String> whoShows(String text) throws IOException {
        List<String> found = new ArrayList<>();
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            for (Path process : all.toList()) {
                for (String file : List.of("cmdline", "environ")) {
                    if (shows(process.resolve(file), text)) {
                        found.add(process.resolve(file).toString());
                    }
                }
            }
        }
        return found;
    }

    private static boolean shows(Path file, String text) {
        try {
            return Files.readString(file, ISO_8859_1).contains(text);
        } catch (IOException _) {
            // no process, or gone
            return false;
        }
    }

    private static void logIn(Account root, String user) throws Exception {
        Instant now = InstantSource.system().instant();
        TestCa ca = TestCa.create(now);
        try (Daemon daemon = Daemon.prepare(root)) {
            int port = Ports.free(1).getFirst();
            ca.issue(TestCa.Kind.EC, now, "mx.example.org")
                    .writeTo(daemon.prefix().resolve("etc"), "mx");
            daemon.write(
                    "etc/smtpd.conf",
                    """
                    pki "mx.example.org" cert "%1$s/etc/mx.crt"
                    pki "mx.example.org" key "%1$s/etc/mx.key"
                    listen on 127.0.0.1 port %2$d smtps pki "mx.example.org" auth
                    table secrets { label = "user:%3$s" }
                    action "home" maildir
                    action "out" relay host "smtps://label@127.0.0.1" auth <secrets>
                    match auth from any for domain "far.example" action "out"
                    match auth from any for any action "home"
                    """
                            .formatted(daemon.prefix(), port, SECRET));
            daemon.start();
            for (String wrong : List.of(plain(user, "wrong"), plain("nobody-" + user, PASSWORD))) {
                try (Client client = new Client(ca, port)) {
                    String answer = client.say(wrong);
                    assertTrue(answer.startsWith("535 "), () -> answer + daemon.lastLines());
                    assertTrue(client.say("MAIL FROM:<a@client.example>").startsWith("530 "));
                }
            }
            try (Client client = new Client(ca, port)) {
                String answer = client.say(plain(user, PASSWORD));
                assertTrue(answer.startsWith("235 "), () -> answer + daemon.lastLines());
                assertTrue(client.say("MAIL FROM:<a@client.example>").startsWith("250 "));
            }
            String passed = "authentication user=" + user + " result=ok";
            Waiting.until(
                    () -> daemon.log(0).stream().anyMatch(line -> line.contains(passed)),
                    daemon::lastLines);
            List<String> log = daemon.log(0);
            assertEquals(List.of(), whoShows(SECRET));
            String encoded = plain(user, PASSWORD).substring("AUTH PLAIN ".length());
            assertTrue(
                    log.stream()
                            .noneMatch(line -> line.contains(PASSWORD) || line.contains(encoded)),
                    daemon::lastLines);
        }
    }
}
