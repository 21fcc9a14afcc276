package smtpd.e2e.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Daemon;
import smtpd.e2e.scenario.Distribution;
import smtpd.e2e.scenario.Ports;
import smtpd.e2e.scenario.Started;
import smtpd.e2e.scenario.Waiting;
import smtpd.testkit.tls.TestCa;
import smtpd.testkit.tls.TestCa.Kind;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

import javax.net.ssl.SSLContext;

/// Certificates, keys and trust anchors that are read again while sessions are under way.
class CertificatesTest {
    private static final String ONE = "one.example.org";
    private static final String TWO = "two.example.org";
    private static final String SENDER = "sender.example.org";

    @SuppressWarnings("TimeInStaticInitializer") // the same for all tests: keys are dear
    private static final Instant NOW = InstantSource.system().instant();

    private static final TestCa AUTHORITY = TestCa.create(NOW);
    private static final List<Asking> SERVERS = new ArrayList<>();
    @AutoClose private static final Started STARTED = new Started();

    private static List<Integer> ports = List.of();

    private static final int STARTTLS = 0;
    private static final int SMTPS = 1;
    private static final int MEMBERS = 2;

    @BeforeAll
    static void start() throws Exception {
        Daemon daemon = STARTED.prepare(Account.unprivileged());
        ports = Ports.free(3);
        for (String protocol : List.of("TLSv1.2", "TLSv1.3")) {
            TestCa.Identity own = AUTHORITY.issue(Kind.EC, NOW, "asking.test");
            SERVERS.add(STARTED.add(new Asking(AUTHORITY, own, protocol)));
        }
        fresh(ONE);
        fresh(TWO);
        fresh(SENDER);
        daemon.write("etc/members.pem", TestCa.create(NOW).pem());
        daemon.write(
                "etc/smtpd.conf",
                """
                pki "one.example.org" cert "%1$s/etc/one.example.org.crt"
                pki "one.example.org" key "%1$s/etc/one.example.org.key"
                pki "two.example.org" cert "%1$s/etc/two.example.org.crt"
                pki "two.example.org" key "%1$s/etc/two.example.org.key"
                pki "sender.example.org" cert "%1$s/etc/sender.example.org.crt"
                pki "sender.example.org" key "%1$s/etc/sender.example.org.key"
                ca "members" cert "%1$s/etc/members.pem"
                listen on 127.0.0.1 port %2$d tls pki "one.example.org" pki "two.example.org" \\
                    hostname one.example.org
                listen on 127.0.0.1 port %3$d smtps pki "two.example.org" hostname two.example.org
                listen on 127.0.0.1 port %4$d smtps verify pki "one.example.org" ca "members" \\
                    hostname one.example.org
                action "TLSv1.2" relay host "smtps://127.0.0.1:%5$d" pki "sender.example.org" \\
                    tls no-verify
                action "TLSv1.3" relay host "smtps://127.0.0.1:%6$d" pki "sender.example.org" \\
                    tls no-verify
                match from any for domain "older.test" action "TLSv1.2"
                match from any for domain "newer.test" action "TLSv1.3"
                """
                        .formatted(
                                daemon.prefix(),
                                ports.get(STARTTLS),
                                ports.get(SMTPS),
                                ports.get(MEMBERS),
                                SERVERS.get(0).port(),
                                SERVERS.get(1).port()));
        daemon.start();
    }

    private static Daemon daemon() {
        return STARTED.daemon();
    }

    private static Path etc() {
        return daemon().prefix().resolve("etc");
    }

    /// Writes a new certificate and key.
    private static X509Certificate fresh(String name) throws IOException {
        TestCa.Identity made = AUTHORITY.issue(Kind.EC, NOW, name);
        put(made, name);
        return made.certificate();
    }

    private static void put(TestCa.Identity made, String name) throws IOException {
        made.writeTo(etc(), name);
        own(name + ".crt");
        own(name + ".key");
    }

    /// The files belong to whom the daemon runs as.
    private static void own(String file) throws IOException {
        if (Account.caller().isRoot()) {
            Files.setAttribute(etc().resolve(file), "unix:uid", Account.unprivileged().uid());
        }
    }

    private static Distribution.Result update() throws IOException, InterruptedException {
        return daemon().program("smtpctl", List.of("update", "pki"), new byte[0]);
    }

    /// Whatever a test has broken is good again afterwards.
    @AfterEach
    void mend() throws IOException {
        fresh(ONE);
        fresh(TWO);
        fresh(SENDER);
    }

    @Test
    @DisplayName("F-52 renewed certificates are shown to new sessions, and the others go on")
    void renewed() throws Exception {
        try (Talk before = Talk.startTls(ports.get(STARTTLS))) {
            X509Certificate old = before.certificate();
            before.ask("MAIL FROM:<a@example.com>");
            X509Certificate made = fresh(ONE);
            Distribution.Result result = update();
            assertEquals(0, result.status(), result.output());
            assertTrue(
                    result.output().contains("pki one.example.org: renewed, good until "),
                    result.output());
            assertTrue(result.output().endsWith("command succeeded\n"), result.output());
            assertTrue(before.ask("RCPT TO:<x@newer.test>").startsWith("250 2.1.5"));
            assertTrue(before.ask("RSET").startsWith("250"));
            try (Talk after = Talk.startTls(ports.get(STARTTLS))) {
                assertEquals(made, after.certificate());
                assertNotEquals(old, after.certificate());
                assertTrue(after.ask("NOOP").startsWith("250"));
            }
        }
    }

    @Test
    @DisplayName("F-47, F-52 a session of before a renewal cannot be resumed after it")
    void resumption() throws Exception {
        SSLContext context = Talk.context();
        assertEquals(0, update().status());
        long first = began(context);
        assertEquals(first, began(context), "it can be resumed while nothing changes");
        Distribution.Result result = update();
        assertTrue(
                result.output().contains("pki two.example.org: unchanged, good until "),
                result.output());
        assertEquals(first, began(context), "reading the same again changes nothing");
        X509Certificate made = fresh(TWO);
        assertEquals(0, update().status());
        try (Talk talk = Talk.secure(context, ports.get(SMTPS), terms -> {})) {
            assertEquals(made, talk.certificate());
            assertNotEquals(first, talk.began());
        }
    }

    private static long began(SSLContext context) throws IOException {
        try (Talk talk = Talk.secure(context, ports.get(SMTPS), terms -> {})) {
            // tickets come behind the handshake: what is read takes them in
            talk.reply();
            talk.ask("NOOP");
            return talk.began();
        }
    }

    /// What may be wrong with the files of a pki.
    private static void spoil(String how) throws IOException {
        Path certificate = etc().resolve(TWO + ".crt");
        switch (how) {
            case "half renewed" -> {
                TestCa.Identity other = AUTHORITY.issue(Kind.EC, NOW, TWO);
                Files.writeString(certificate, other.certificatePem());
            }
            case "half written" -> {
                String text = Files.readString(certificate);
                Files.writeString(certificate, text + text.substring(0, text.length() / 2));
            }
            case "empty" -> Files.writeString(certificate, "");
            case "missing" -> Files.delete(certificate);
            case "expired" -> put(AUTHORITY.expired(Kind.EC, NOW, TWO), TWO);
            case "readable" ->
                    Files.setPosixFilePermissions(
                            etc().resolve(TWO + ".key"),
                            PosixFilePermissions.fromString("rw-r--r--"));
            default -> throw new IllegalArgumentException(how);
        }
    }

    @Test
    @DisplayName("F-52 what cannot be used is refused by name, the old stays, others are renewed")
    void kept() throws Exception {
        assertEquals(0, update().status());
        for (String how :
                List.of(
                        "half renewed",
                        "half written",
                        "empty",
                        "missing",
                        "expired",
                        "readable")) {
            kept(how);
            fresh(TWO);
        }
        Waiting.until(
                () -> stats().contains("pki.update.failed="), () -> "not counted:\n" + stats());
        assertTrue(stats().contains("pki.days-left.two.example.org="), stats());
    }

    private static void kept(String how) throws Exception {
        X509Certificate old;
        try (Talk talk = Talk.secure(Talk.context(), ports.get(SMTPS), terms -> {})) {
            old = talk.certificate();
        }
        X509Certificate other = fresh(ONE);
        spoil(how);
        int logged = daemon().logged();
        Distribution.Result result = update();
        assertEquals(1, result.status(), result.output());
        assertTrue(
                result.output().contains("pki two.example.org: kept as it was: "), result.output());
        assertTrue(
                result.output().endsWith("command failed: 1 of 4 kept as it was\n"),
                result.output());
        assertTrue(
                daemon().log(logged).stream()
                        .anyMatch(line ->
                                line.contains("warn: pki two.example.org: kept as it was: ")),
                daemon().lastLines());
        try (Talk talk = Talk.secure(Talk.context(), ports.get(SMTPS), terms -> {});
                Talk next = Talk.startTls(ports.get(STARTTLS))) {
            assertEquals(old, talk.certificate());
            assertTrue(talk.reply().startsWith("220 two.example.org"));
            assertEquals(other, next.certificate());
        }
    }

    private static String stats() {
        return daemon().ask("show", "stats");
    }

    @ParameterizedTest
    @DisplayName("F-52 the certificate shown to other servers is renewed too")
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void shownToServers(String protocol) throws Exception {
        Asking server = SERVERS.get(protocol.equals("TLSv1.2") ? 0 : 1);
        String rcpt = protocol.equals("TLSv1.2") ? "a@older.test" : "a@newer.test";
        X509Certificate made = fresh(SENDER);
        assertEquals(0, update().status());
        send(rcpt);
        Waiting.until(
                () -> server.guests().stream().anyMatch(guest -> guest.certificate().equals(made)),
                () -> "not shown:\n" + daemon().lastLines());
        assertEquals(protocol, server.guests().getLast().protocol());
    }

    private static void send(String rcpt) throws Exception {
        try (Talk talk = Talk.startTls(ports.get(STARTTLS))) {
            talk.ask("MAIL FROM:<a@example.com>");
            assertTrue(talk.ask("RCPT TO:<" + rcpt + ">").startsWith("250"));
            talk.ask("DATA");
            assertTrue(talk.ask("Subject: x\r\n\r\nx\r\n.").startsWith("250 2.0.0"));
            talk.ask("QUIT");
        }
    }

    @Test
    void trustAnchorsAreRenewedToo() throws Exception {
        TestCa.Identity member = AUTHORITY.issue(Kind.EC, NOW, "member.example.net");
        assertThrows(IOException.class, () -> greeted(member));
        daemon().write("etc/members.pem", AUTHORITY.pem());
        own("members.pem");
        Distribution.Result result = update();
        assertEquals(0, result.status(), result.output());
        assertTrue(result.output().contains("ca members: renewed\n"), result.output());
        assertTrue(greeted(member).startsWith("220 "));
    }

    private static String greeted(TestCa.Identity member) throws Exception {
        try (Talk talk = Talk.secure(Talk.contextOf(member), ports.get(MEMBERS), terms -> {})) {
            String reply = talk.reply();
            if (!reply.startsWith("220")) {
                throw new IOException(reply);
            }
            return reply;
        }
    }
}
