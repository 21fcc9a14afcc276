package smtpd.e2e.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.mail.Bytes;
import smtpd.core.sasl.ScramKeys;
import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Daemon;
import smtpd.e2e.scenario.Distribution;
import smtpd.e2e.scenario.Waiting;
import smtpd.testkit.tls.TestCa;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/// The daemon beside swaks, msmtp and gsasl: every mechanism of AUTH they have in common, TLS in
/// both forms, PROXY in both versions, groups of commands, and LMTP.
class SubmissionTest {
    private static final AtomicInteger SUBJECTS = new AtomicInteger();

    private static @Nullable Daemon running;
    private static List<Integer> ports = List.of();

    private static final int STARTTLS = 0;
    private static final int SMTPS = 1;
    private static final int PROXY = 2;
    private static final int LMTP = 3;
    private static final int LIMITED = 4;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        Peer.program("swaks");
        Account account = Account.unprivileged();
        assumeTrue(account.usable(), "setpriv is missing");
        Daemon daemon = Daemon.prepare(account);
        running = daemon;
        ports = Daemon.freePorts(5);
        TestCa ca = TestCa.create(InstantSource.system().instant());
        ca.issue(TestCa.Kind.EC, InstantSource.system().instant(), "mx.example.org", "localhost")
                .writeTo(daemon.prefix().resolve("etc"), "mx");
        daemon.write("etc/ca.pem", ca.pem());
        ScramKeys keys =
                ScramKeys.of("pencil", Bytes.of("0123456789abcdef"), ScramKeys.ITERATIONS_NEW)
                        .orElseThrow();
        String home = account.uid() + ":" + account.gid() + ":" + daemon.prefix() + "/home/alice";
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
                                home,
                                keys.text(),
                                ports.get(STARTTLS),
                                ports.get(SMTPS),
                                ports.get(PROXY),
                                ports.get(LMTP),
                                ports.get(LIMITED)));
        Files.createDirectories(daemon.prefix().resolve("home/alice"));
        daemon.start();
    }

    @AfterAll
    static void stop() throws IOException {
        if (running != null) {
            running.close();
        }
    }

    private static Daemon daemon() {
        if (running == null) {
            throw new IllegalStateException("not started");
        }
        return running;
    }

    /// Runs swaks with a subject of its own.
    private static Distribution.Result swaks(int listener, String subject, String... words)
            throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Peer.program("swaks").toString(),
                                "--server",
                                "127.0.0.1",
                                "--port",
                                ports.get(listener).toString(),
                                "--ehlo",
                                "client.example.net",
                                "--timeout",
                                "60",
                                "--h-Subject",
                                subject));
        command.addAll(List.of(words));
        return Distribution.run(command, Map.of(), new byte[0]);
    }

    private static String subject() {
        return "subject-" + SUBJECTS.incrementAndGet() + "-end";
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

    private static void assertSent(Distribution.Result result) {
        assertEquals(0, result.status(), result.output());
    }

    @ParameterizedTest
    @ValueSource(strings = {"PLAIN", "LOGIN"})
    void swaksAuthenticatesUnderStartTls(String mechanism) throws Exception {
        String subject = subject();
        assertSent(
                swaks(
                        STARTTLS,
                        subject,
                        "--tls",
                        "--auth",
                        mechanism,
                        "--auth-user",
                        "alice",
                        "--auth-password",
                        "pencil",
                        "--from",
                        "alice@example.org",
                        "--h-From",
                        "Alice <somebody@else.example>",
                        "--to",
                        "alice@auth.test"));
        String message = delivered(subject);
        assertTrue(message.contains(" with ESMTPSA id "), message);
        assertTrue(message.contains("auth=yes user=alice"), message);
        assertTrue(message.contains("From: Alice <alice@example.org>"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PLAIN", "LOGIN"})
    void swaksAuthenticatesUnderImplicitTls(String mechanism) throws Exception {
        String subject = subject();
        assertSent(
                swaks(
                        SMTPS,
                        subject,
                        "--tls-on-connect",
                        "--auth",
                        mechanism,
                        "--auth-user",
                        "bob",
                        "--auth-password",
                        "pencil",
                        "--from",
                        "bob@example.org",
                        "--to",
                        "alice@fromauth.test"));
        assertTrue(delivered(subject).contains(" with ESMTPSA id "));
    }

    @Test
    void withoutAuthenticationThereIsNoMailWhereItIsDemanded() throws Exception {
        Distribution.Result result =
                swaks(SMTPS, subject(), "--tls-on-connect", "--to", "alice@example.org");
        assertNotEquals(0, result.status());
        assertTrue(result.output().contains("530 5.7.0"), result.output());
    }

    @Test
    void strangersGetNoFurtherThanTheRules() throws Exception {
        Distribution.Result result = swaks(STARTTLS, subject(), "--tls", "--to", "alice@auth.test");
        assertNotEquals(0, result.status());
        assertTrue(result.output().contains("550 "), result.output());
        String subject = subject();
        assertSent(swaks(STARTTLS, subject, "--tls", "--to", "alice@example.org"));
        assertTrue(delivered(subject).contains(" with ESMTPS id "));
    }

    @Test
    void aWrongPasswordIsRefusedAndLogged() throws Exception {
        Distribution.Result result =
                swaks(
                        STARTTLS,
                        subject(),
                        "--tls",
                        "--auth",
                        "PLAIN",
                        "--auth-user",
                        "bob",
                        "--auth-password",
                        "secret-nobody-may-read",
                        "--to",
                        "alice@example.org");
        assertNotEquals(0, result.status());
        assertTrue(result.output().contains("535 5.7.8 Authentication failed"), result.output());
        String log = String.join("\n", daemon().log(0));
        assertTrue(log.contains("smtp authentication user=bob result=permfail"), log);
        assertFalse(log.contains("secret-nobody-may-read"), log);
    }

    @Test
    void sendersAreThoseOfTheUser() throws Exception {
        Distribution.Result result =
                swaks(
                        STARTTLS,
                        subject(),
                        "--tls",
                        "--auth",
                        "PLAIN",
                        "--auth-user",
                        "alice",
                        "--auth-password",
                        "pencil",
                        "--from",
                        "mallory@example.org",
                        "--to",
                        "alice@example.org");
        assertNotEquals(0, result.status());
        assertTrue(result.output().contains("Sender rejected"), result.output());
    }

    @Test
    void authInClearIsNeitherOfferedNorTaken() throws Exception {
        Distribution.Result result =
                swaks(
                        STARTTLS,
                        subject(),
                        "--auth",
                        "PLAIN",
                        "--auth-user",
                        "alice",
                        "--auth-password",
                        "pencil",
                        "--to",
                        "alice@example.org");
        assertNotEquals(0, result.status());
        assertFalse(result.output().contains("250-AUTH"), result.output());
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "2"})
    @DisplayName("F-25 the client a proxy announces is the client")
    void proxies(String version) throws Exception {
        String subject = subject();
        assertSent(
                swaks(
                        PROXY,
                        subject,
                        "--proxy-version",
                        version,
                        "--proxy-family",
                        version.equals("1") ? "TCP4" : "AF_INET",
                        "--proxy-source",
                        "192.0.2.77",
                        "--proxy-source-port",
                        "4711",
                        "--proxy-dest",
                        "198.51.100.1",
                        "--proxy-dest-port",
                        "25",
                        "--to",
                        "alice@src.test"));
        assertTrue(delivered(subject).contains("[192.0.2.77]"));
    }

    @Test
    @DisplayName("F-25 without a header there is no greeting")
    void noProxyNoGreeting() throws Exception {
        Distribution.Result result =
                swaks(PROXY, subject(), "--timeout", "20", "--to", "alice@example.org");
        assertNotEquals(0, result.status());
        assertFalse(result.output().contains("220 "), result.output());
    }

    @Test
    void groupsOfCommands() throws Exception {
        String subject = subject();
        assertSent(
                swaks(
                        STARTTLS,
                        subject,
                        "--tls",
                        "--pipeline",
                        "--auth",
                        "PLAIN",
                        "--auth-user",
                        "alice",
                        "--auth-password",
                        "pencil",
                        "--from",
                        "any@own.example",
                        "--to",
                        "alice@example.org,alice@auth.test"));
        delivered(subject);
    }

    @Test
    void lmtp() throws Exception {
        String subject = subject();
        assertSent(swaks(LMTP, subject, "--protocol", "LMTP", "--to", "alice@example.org"));
        assertTrue(delivered(subject).contains(" with LMTP id "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "login", "scram-sha-256"})
    void msmtpSubmits(String mechanism) throws Exception {
        String subject = subject();
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
        assertSent(result);
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
        String last = "";
        for (int i = 0; i < 12 && !last.contains("421 4.7.0"); i++) {
            last =
                    swaks(
                                    LIMITED,
                                    subject(),
                                    "--proxy-version",
                                    "2",
                                    "--proxy-family",
                                    "AF_INET",
                                    "--proxy-source",
                                    "203.0.113.9",
                                    "--proxy-source-port",
                                    "4711",
                                    "--proxy-dest",
                                    "198.51.100.1",
                                    "--proxy-dest-port",
                                    "25",
                                    "--tls",
                                    "--auth",
                                    "PLAIN",
                                    "--auth-user",
                                    "victim",
                                    "--auth-password",
                                    "guess" + i,
                                    "--to",
                                    "alice@example.org")
                            .output();
        }
        assertTrue(last.contains("421 4.7.0 Too many failed authentications"), last);
        String log = String.join("\n", daemon().log(0));
        assertTrue(log.contains("limit name=max-auth-failures address=203.0.113.9"), log);
    }
}
