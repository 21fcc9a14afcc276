package smtpd.e2e.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.conf.SmtpLimit;
import smtpd.core.mail.Bytes;
import smtpd.core.sasl.ScramKeys;
import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Daemon;
import smtpd.e2e.scenario.Distribution;
import smtpd.e2e.scenario.Ports;
import smtpd.e2e.scenario.Started;
import smtpd.e2e.scenario.Waiting;
import smtpd.e2e.tls.Talk;
import smtpd.testkit.tls.TestCa;

import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import javax.net.ssl.SSLContext;

/// The daemon beside swaks, msmtp and gsasl: every mechanism of AUTH they have in common, TLS in
/// both forms, PROXY in both versions, groups of commands, and LMTP.
class SubmissionTest {
    /// The client, by what a proxy says, that guesses passwords.
    private static final String GUESSER = "203.0.113.9";

    @AutoClose private static final Started STARTED = new Started();

    private static List<Integer> ports = List.of();

    private static final int STARTTLS = 0;
    private static final int SMTPS = 1;
    private static final int PROXY = 2;
    private static final int LMTP = 3;
    private static final int LIMITED = 4;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        Peer.program("swaks");
        Daemon daemon = STARTED.prepare(Account.unprivileged());
        ports = Ports.free(5);
        TestCa ca = TestCa.create(InstantSource.system().instant());
        ca.issue(TestCa.Kind.EC, InstantSource.system().instant(), "mx.example.org", "localhost")
                .writeTo(daemon.prefix().resolve("etc"), "mx");
        daemon.write("etc/ca.pem", ca.pem());
        ScramKeys keys =
                ScramKeys.of("pencil", Bytes.of("0123456789abcdef"), ScramKeys.ITERATIONS_NEW)
                        .orElseThrow();
        daemon.write(
                "etc/smtpd.conf",
                """
                pki "mx.example.org" cert "%1$s/etc/mx.crt"
                pki "mx.example.org" key "%1$s/etc/mx.key"
                table users { alice = "%2$s" }
                table logins { alice = "%3$s", bob = "bob:%3$s" }
                table permitted { alice = "alice@example.org, @own.example" }
                listen on 127.0.0.1 port %4$d tls pki "mx.example.org" hostname mx.example.org \\
                    auth-optional <logins> scram senders <permitted> masquerade received-auth
                listen on 127.0.0.1 port %5$d smtps pki "mx.example.org" hostname mx.example.org \\
                    auth <logins> scram received-auth
                listen on 127.0.0.1 port %6$d hostname mx.example.org proxy
                listen on 127.0.0.1 port %7$d hostname mx.example.org lmtp
                listen on 127.0.0.1 port %8$d hostname mx.example.org proxy tls \\
                    pki "mx.example.org" auth <logins> scram
                action "inside" maildir userbase <users>
                match from any for domain "example.org" action "inside"
                match auth from any for domain "auth.test" action "inside"
                match from auth for domain "fromauth.test" action "inside"
                match from src "192.0.2.0/24" for domain "src.test" action "inside"
                """
                        .formatted(
                                daemon.prefix(),
                                daemon.home("alice"),
                                keys.text(),
                                ports.get(STARTTLS),
                                ports.get(SMTPS),
                                ports.get(PROXY),
                                ports.get(LMTP),
                                ports.get(LIMITED)));
        daemon.start();
    }

    private static Daemon daemon() {
        return STARTED.daemon();
    }

    private static Swaks swaks(int listener) {
        return new Swaks(ports.get(listener));
    }

    /// The message of that subject, once it is delivered.
    private static String delivered(String subject) throws IOException {
        List<String> found = new ArrayList<>();
        Path box = daemon().prefix().resolve("home/alice/Maildir/new");
        Waiting.until(
                () -> {
                    if (!Files.isDirectory(box)) {
                        return false;
                    }
                    try (Stream<Path> files = Files.list(box)) {
                        for (Path file : files.toList()) {
                            String text = Files.readString(file);
                            if (text.contains(subject)) {
                                found.add(text);
                            }
                        }
                    }
                    return !found.isEmpty();
                },
                () -> subject + " is not delivered:\n" + daemon().lastLines());
        return found.getFirst();
    }

    /// The message as it is delivered, which it must be.
    private static String delivered(Swaks swaks, String rcpts)
            throws IOException, InterruptedException {
        Distribution.Result result = swaks.to(rcpts);
        assertEquals(0, result.status(), result.output());
        return delivered(swaks.itsSubject());
    }

    /// What was said to a message that must not be taken.
    private static String refused(Swaks swaks, String rcpts)
            throws IOException, InterruptedException {
        Distribution.Result result = swaks.to(rcpts);
        assertNotEquals(0, result.status(), result.output());
        return result.output();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PLAIN", "LOGIN"})
    void swaksAuthenticatesUnderStartTls(String mechanism) throws Exception {
        Swaks swaks =
                swaks(STARTTLS)
                        .with("--tls")
                        .login(mechanism, "alice", "pencil")
                        .with("--from", "alice@example.org")
                        .with("--h-From", "Alice <somebody@else.example>");
        String message = delivered(swaks, "alice@auth.test");
        assertTrue(message.contains(" with ESMTPSA id "), message);
        assertTrue(message.contains("auth=yes user=alice"), message);
        assertTrue(message.contains("From: Alice <alice@example.org>"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PLAIN", "LOGIN"})
    void swaksAuthenticatesUnderImplicitTls(String mechanism) throws Exception {
        Swaks swaks =
                swaks(SMTPS)
                        .with("--tls-on-connect")
                        .login(mechanism, "bob", "pencil")
                        .with("--from", "bob@example.org");
        assertTrue(delivered(swaks, "alice@fromauth.test").contains(" with ESMTPSA id "));
    }

    @Test
    void withoutAuthenticationThereIsNoMailWhereItIsDemanded() throws Exception {
        String said = refused(swaks(SMTPS).with("--tls-on-connect"), "alice@example.org");
        assertTrue(said.contains("530 5.7.0"), said);
    }

    @Test
    void strangersGetNoFurtherThanTheRules() throws Exception {
        String said = refused(swaks(STARTTLS).with("--tls"), "alice@auth.test");
        assertTrue(said.contains("550 "), said);
        String message = delivered(swaks(STARTTLS).with("--tls"), "alice@example.org");
        assertTrue(message.contains(" with ESMTPS id "));
    }

    @Test
    void aWrongPasswordIsRefusedAndLogged() throws Exception {
        Swaks swaks = swaks(STARTTLS).with("--tls").login("PLAIN", "bob", "secret-nobody-may-read");
        String said = refused(swaks, "alice@example.org");
        assertTrue(said.contains("535 5.7.8 Authentication failed"), said);
        String log = String.join("\n", daemon().log(0));
        assertTrue(log.contains("smtp authentication user=bob result=permfail"), log);
        assertFalse(log.contains("secret-nobody-may-read"), log);
    }

    @Test
    void sendersAreThoseOfTheUser() throws Exception {
        Swaks swaks =
                swaks(STARTTLS)
                        .with("--tls")
                        .login("PLAIN", "alice", "pencil")
                        .with("--from", "mallory@example.org");
        String said = refused(swaks, "alice@example.org");
        assertTrue(said.contains("Sender rejected"), said);
    }

    @Test
    void authInClearIsNeitherOfferedNorTaken() throws Exception {
        String said =
                refused(swaks(STARTTLS).login("PLAIN", "alice", "pencil"), "alice@example.org");
        assertFalse(said.contains("250-AUTH"), said);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "2"})
    @DisplayName("F-25 the client a proxy announces is the client")
    void proxies(String version) throws Exception {
        Swaks swaks = swaks(PROXY).proxy(version, "192.0.2.77");
        assertTrue(delivered(swaks, "alice@src.test").contains("[192.0.2.77]"));
    }

    @Test
    @DisplayName("F-25 without a header there is no greeting")
    void noProxyNoGreeting() throws Exception {
        String said = refused(swaks(PROXY).with("--timeout", "2"), "alice@example.org");
        assertFalse(said.contains("220 "), said);
        try (Talk talk = Talk.connect(ports.get(PROXY))) {
            talk.send("EHLO client.example.net\r\n");
            assertEquals("closed", lastWord(talk));
        }
    }

    private static String lastWord(Talk talk) throws IOException {
        try {
            return talk.reply();
        } catch (SocketException _) {
            return "closed"; // with what we said unread
        }
    }

    @Test
    void groupsOfCommands() throws Exception {
        Swaks swaks =
                swaks(STARTTLS)
                        .with("--tls", "--pipeline")
                        .login("PLAIN", "alice", "pencil")
                        .with("--from", "any@own.example");
        delivered(swaks, "alice@example.org,alice@auth.test");
    }

    @Test
    void lmtp() throws Exception {
        Swaks swaks = swaks(LMTP).with("--protocol", "LMTP");
        assertTrue(delivered(swaks, "alice@example.org").contains(" with LMTP id "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "login", "scram-sha-256"})
    void msmtpSubmits(String mechanism) throws Exception {
        String subject = Swaks.subject();
        Distribution.Result result =
                Distribution.run(
                        List.of(
                                Peer.program("msmtp").toString(),
                                "-C",
                                "/dev/null",
                                "--host=localhost",
                                "--port=" + ports.get(STARTTLS),
                                "--tls=on",
                                "--tls-starttls=on",
                                "--tls-trust-file=" + daemon().prefix().resolve("etc/ca.pem"),
                                "--auth=" + mechanism,
                                "--user=alice",
                                "--passwordeval=echo pencil",
                                "--from=alice@example.org",
                                "alice@auth.test"),
                        Map.of("HOME", daemon().prefix().toString()),
                        ("Subject: " + subject + "\n\ntext\n").getBytes(UTF_8));
        assertEquals(0, result.status(), result.output());
        assertTrue(delivered(subject).contains("auth=yes user=alice"));
    }

    private static Distribution.Result gsasl(String mechanism, String password)
            throws IOException, InterruptedException {
        return gsasl(mechanism, password, "NORMAL");
    }

    /// @param tls what it may use, in the words of GnuTLS
    private static Distribution.Result gsasl(String mechanism, String password, String tls)
            throws IOException, InterruptedException {
        return Distribution.run(
                List.of(
                        Peer.program("gsasl").toString(),
                        "--smtp",
                        "--connect=localhost:" + ports.get(STARTTLS),
                        "--x509-ca-file=" + daemon().prefix().resolve("etc/ca.pem"),
                        "--mechanism=" + mechanism,
                        "--authentication-id=alice",
                        "--password=" + password,
                        // without PLUS it gives up when it could have had it
                        mechanism.endsWith("-PLUS")
                                ? "--quality-of-protection=qop-auth"
                                : "--no-cb",
                        "--priority=" + tls,
                        "--verbose"),
                Map.of(),
                new byte[0]);
    }

    @Test
    void scramIsNotBoundToOlderTlsWhoseBindingWeCannotTell() throws Exception {
        String older = "NORMAL:-VERS-ALL:+VERS-TLS1.2";
        Distribution.Result good = gsasl("SCRAM-SHA-256", "pencil", older);
        assertTrue(good.output().contains("235 2.0.0"), good.output());
        assertFalse(good.output().contains("SCRAM-SHA-256-PLUS"), good.output());
    }

    @ParameterizedTest
    @ValueSource(strings = {"SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "PLAIN", "LOGIN"})
    void gsaslProvesAndIsProvedTo(String mechanism) throws Exception {
        Distribution.Result good = gsasl(mechanism, "pencil");
        assertTrue(good.output().contains("235 2.0.0"), good.output());
        assertEquals(0, good.status(), good.output());
        Distribution.Result bad = gsasl(mechanism, "pencils");
        assertTrue(bad.output().contains("535 5.7.8"), bad.output());
    }

    @Test
    @DisplayName("F-24 who fails too often, over all its connections, is sent away")
    void bruteForce() throws Exception {
        SSLContext context = Talk.context();
        String guess = Base64.getEncoder().encodeToString("\0victim\0guess".getBytes(UTF_8));
        for (int i = 1; i < SmtpLimit.AUTH_FAILURES.usual(); i++) {
            String proxy = "PROXY TCP4 " + GUESSER + " 198.51.100.1 4711 25\r\n";
            try (Talk talk = Talk.startTls(context, ports.get(LIMITED), proxy)) {
                String said = talk.ask("AUTH PLAIN " + guess);
                assertTrue(said.startsWith("535 "), said);
            }
        }
        String last = "";
        for (int i = 0; i < 3 && !last.contains("421 4.7.0"); i++) {
            Swaks swaks = swaks(LIMITED).proxy("2", GUESSER).with("--tls");
            last = refused(swaks.login("PLAIN", "victim", "guess" + i), "alice@example.org");
        }
        assertTrue(last.contains("421 4.7.0 Too many failed authentications"), last);
        String log = String.join("\n", daemon().log(0));
        assertTrue(log.contains("limit name=max-auth-failures address=" + GUESSER), log);
    }
}
