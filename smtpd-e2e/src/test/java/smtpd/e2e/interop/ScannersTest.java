package smtpd.e2e.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.conf.HostEnvironment;
import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Daemon;
import smtpd.e2e.scenario.Distribution;
import smtpd.e2e.scenario.Ports;
import smtpd.e2e.scenario.Started;
import smtpd.testkit.tls.TestCa;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The listeners with TLS as testssl.sh, sslscan and openssl see them.
class ScannersTest {
    private static final Duration YEAR = Duration.ofDays(365);

    /// A finding of testssl.sh as it writes it.
    private static final Pattern FINDING =
            Pattern.compile(
                    "\"id\"\\s*:\\s*\"([^\"]*)\".*?\"severity\"\\s*:\\s*\"([^\"]*)\"",
                    Pattern.DOTALL);

    /// Above informational.
    private static final List<String> BAD = List.of("LOW", "MEDIUM", "HIGH", "CRITICAL", "FATAL");

    /// About the certificate, or about DNS: for the operator to see to. A stapled answer (RFC 6066
    /// §8) would have to be fetched from the authority, which smtp cannot reach.
    private static final Pattern OPERATORS =
            Pattern.compile("cert_.*|OCSP_stapling.*|DNS_CAArecord.*|intermediate_cert.*");

    @AutoClose private static final Started STARTED = new Started();

    private static List<Integer> ports = List.of();

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        Peer.program("openssl");
        Daemon daemon = STARTED.prepare(Account.unprivileged());
        ports = Ports.free(2);
        Instant now = InstantSource.system().instant();
        TestCa ca = TestCa.create(now);
        Path etc = daemon.prefix().resolve("etc");
        ca.issue(TestCa.Kind.EC, now, YEAR, "localhost", "mx.example.org").writeTo(etc, "one");
        ca.issue(TestCa.Kind.RSA, now, YEAR, "mail.example.net", "*.wild.test").writeTo(etc, "two");
        daemon.write("etc/ca.pem", ca.pem());
        daemon.write(
                "etc/smtpd.conf",
                """
                pki "one" cert "%1$s/one.crt" key "%1$s/one.key"
                pki "two" cert "%1$s/two.crt" key "%1$s/two.key"
                smtp limit max-connects-per-minute 0
                listen on 127.0.0.1 port %2$d tls pki "one" pki "two" hostname mx.example.org
                listen on 127.0.0.1 port %3$d smtps pki "two" pki "one" hostname mx.example.org
                action "out" relay
                match from any for domain "example.org" action "out"
                """
                        .formatted(etc, ports.get(0), ports.get(1)));
        daemon.start();
    }

    private static Path prefix() {
        return STARTED.daemon().prefix();
    }

    private static Distribution.Result run(String... words)
            throws IOException, InterruptedException {
        return Distribution.run(List.of(words), Map.of(), new byte[0]);
    }

    @Test
    void testsslFindsNothingThatTheOperatorHasNotConfigured() throws Exception {
        Path report = prefix().resolve("testssl.json");
        Distribution.Result result =
                run(
                        Peer.program("testssl").toString(),
                        "--quiet",
                        "--color=0",
                        "--warnings=off",
                        "--ip=one",
                        "--add-ca=" + prefix().resolve("etc/ca.pem"),
                        "--jsonfile=" + report,
                        // protocols, what the server shows, vulnerabilities
                        "-p",
                        "-S",
                        "-U",
                        "--starttls=smtp",
                        "localhost:" + ports.get(0));
        assertTrue(Files.exists(report), result.output());
        Map<String, String> findings = new java.util.TreeMap<>();
        Matcher each = FINDING.matcher(Files.readString(report));
        while (each.find()) {
            findings.put(each.group(1), each.group(2));
        }
        assertEquals("OK", findings.get("SSLv3"), result.output());
        assertEquals("OK", findings.get("TLS1_3"), result.output());
        assertEquals("OK", findings.get("heartbleed"), result.output());
        // it asks and hangs up: whether it still hears the answer is a race; OddHandshakesTest
        // waits
        findings.remove("secure_client_renego");
        assertTrue(findings.keySet().stream().anyMatch(id -> id.startsWith("cert_")));
        findings.keySet().removeIf(id -> OPERATORS.matcher(id).matches());
        findings.values().removeIf(severity -> !BAD.contains(severity));
        assertEquals(Map.of(), findings, result.output());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void sslscanFindsWhatIsOffered(int listener) throws Exception {
        List<String> words =
                new ArrayList<>(
                        List.of(
                                Peer.program("sslscan").toString(),
                                "--no-colour",
                                // it waits for seconds for answers to each of them
                                "--no-groups",
                                "localhost:" + ports.get(listener)));
        if (listener == 0) {
            words.add(1, "--starttls-smtp");
        }
        String output = run(words.toArray(String[]::new)).output();
        for (String old : List.of("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1")) {
            assertTrue(Pattern.compile(old + " +disabled").matcher(output).find(), output);
        }
        for (String good : List.of("TLSv1.2", "TLSv1.3")) {
            assertTrue(Pattern.compile(good + " +enabled").matcher(output).find(), output);
            assertTrue(output.contains(good + " not vulnerable to heartbleed"), output);
        }
        assertTrue(output.contains("Session renegotiation not supported"), output);
        List<String> suites =
                output.lines().filter(line -> line.matches("(Preferred|Accepted) .*")).toList();
        assertTrue(suites.size() >= 5, output);
        for (String suite : suites) {
            assertTrue(
                    suite.matches(".* (TLS_|ECDHE-).*(GCM|CHACHA20).*"),
                    () -> "not forward secret and authenticated: " + suite);
            assertFalse(suite.contains("CBC"), output);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, localhost, CN=localhost",
        "0, MX.Example.Org, CN=localhost",
        "0, mail.example.net, CN=mail.example.net",
        "0, a.wild.test, CN=mail.example.net",
        "0, a.b.wild.test, CN=localhost",
        "0, wild.test, CN=localhost",
        "0, unknown.test, CN=localhost",
        "0, '', CN=localhost",
        "1, mx.example.org, CN=localhost",
        "1, unknown.test, CN=mail.example.net",
        "1, '', CN=mail.example.net",
    })
    void opensslGetsTheCertificateItAsksFor(int listener, String name, String subject)
            throws Exception {
        List<String> words =
                new ArrayList<>(
                        List.of(
                                Peer.program("openssl").toString(),
                                "s_client",
                                "-connect",
                                "127.0.0.1:" + ports.get(listener),
                                "-CAfile",
                                prefix().resolve("etc/ca.pem").toString(),
                                "-showcerts"));
        words.addAll(name.isEmpty() ? List.of("-noservername") : List.of("-servername", name));
        if (listener == 0) {
            words.addAll(List.of("-starttls", "smtp"));
        }
        String output = run(words.toArray(String[]::new)).output();
        assertTrue(output.contains("Verify return code: 0 (ok)"), output);
        int from = output.indexOf("-----BEGIN CERTIFICATE-----");
        byte[] pem =
                output.substring(from, output.indexOf("---\nServer cert", from)).getBytes(US_ASCII);
        assertEquals(
                subject,
                HostEnvironment.certificates(pem).getFirst().getSubjectX500Principal().getName());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void opensslResumes(String protocol) throws Exception {
        Path ticket = prefix().resolve("ticket" + protocol);
        List<String> words =
                List.of(
                        Peer.program("openssl").toString(),
                        "s_client",
                        "-ign_eof",
                        "-connect",
                        "127.0.0.1:" + ports.get(1),
                        protocol);
        for (String file : List.of("-sess_out", "-sess_in")) {
            List<String> all = new ArrayList<>(words);
            all.addAll(List.of(file, ticket.toString()));
            String output = Distribution.run(all, Map.of(), "QUIT\r\n".getBytes(US_ASCII)).output();
            assertTrue(
                    output.contains(file.equals("-sess_in") ? "Reused, TLS" : "New, TLS"), output);
        }
    }
}
