package smtpd.mta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.imsg.Tlsa;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Outcome;
import smtpd.core.mail.Secret;
import smtpd.core.mail.SessionId;
import smtpd.core.slice.CertificateSet;
import smtpd.core.stat.Statistics;
import smtpd.testkit.tls.TestCa;

import java.security.MessageDigest;
import java.security.SignatureException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Sessions against a server with certificates good and bad: each policy gets what it is owed, or
/// sends nothing.
class TlsSessionTest {
    @SuppressWarnings("TimeInStaticInitializer") // the same for all tests: keys are dear
    private static final Instant NOW = InstantSource.system().instant();

    private static final TestCa CA = TestCa.create(NOW);
    private static final TestCa.Identity GOOD = CA.issue(TestCa.Kind.EC, NOW, "mx.test");
    private static final TlsPolicy.Origin BY = TlsPolicy.Origin.ACTION;
    private static final TlsPolicy VERIFIED = new TlsPolicy.Verified(BY, List.of("mx.test"));
    private static final TlsPolicy OPPORTUNISTIC = new TlsPolicy.Opportunistic();

    private final BlockingQueue<SessionReport> reports = new LinkedBlockingQueue<>();
    private RouteKey.Login login = RouteKey.Login.NONE;
    private boolean encryption = true;
    private ContentSource content = Samples.content("Subject: x\r\n\r\nx\r\n");
    private Duration sendPatience = Duration.ofSeconds(10);

    private RouteVerdict send(TlsServer server, TlsPolicy policy) throws Exception {
        RouteKey route =
                new RouteKey(
                        "",
                        "127.0.0.1",
                        server.port(),
                        server.implicit ? Scheme.SMTPS : Scheme.SMTP,
                        new RouteKey.Helo("client.example.org", ""),
                        new TlsTerms(policy, "", "test", "", ""),
                        login);
        Trust trust =
                new Trust(
                        new CertificateSet(
                                Map.of(),
                                Map.of("test", List.of(Bytes.of(CA.certificate().getEncoded())))),
                        (key, scheme, content) -> {
                            throw new SignatureException("no keys");
                        });
        MtaSession.World world =
                new MtaSession.World(
                        TcpTransport::connect,
                        content,
                        new MtaSession.Desk(
                                (table, address) -> Optional.empty(),
                                (table, label) ->
                                        new Secrets.Found.Credentials("user", new Secret("pencil")),
                                trust),
                        phase -> phase == Phase.SEND ? sendPatience : Duration.ofSeconds(10),
                        InstantSource.fixed(NOW),
                        Statistics.NONE);
        MtaSession session =
                new MtaSession(
                        new SessionPlan(
                                new SessionId(7),
                                route,
                                "localhost",
                                "mx.test",
                                25,
                                new SessionPlan.Manner(true, encryption)),
                        world,
                        reports::add);
        session.start();
        session.give(Samples.task(1, "a@dest.test"));
        session.finish();
        while (true) {
            SessionReport report = reports.poll(20, TimeUnit.SECONDS);
            switch (report) {
                case SessionReport.Finished done ->
                        assertEquals(server.stalls, done.results().isEmpty(), done.toString());
                case SessionReport.Ended ended -> {
                    return ended.verdict();
                }
                case SessionReport.Ready _ -> {}
                case null -> throw new AssertionError("no report");
            }
        }
    }

    private static void assertSent(TlsServer server) {
        assertTrue(server.heard().contains("*DATA"), server.heard()::toString);
    }

    private static void assertNothingSent(TlsServer server) {
        assertFalse(server.heard().toString().contains("MAIL"), server.heard()::toString);
    }

    private void refused(TestCa.Identity identity, TlsPolicy policy, String why) throws Exception {
        try (TlsServer server = new TlsServer(identity)) {
            RouteVerdict.Untrusted verdict =
                    assertInstanceOf(RouteVerdict.Untrusted.class, send(server, policy));
            assertTrue(verdict.reason().contains(why), verdict::reason);
            assertNothingSent(server);
        }
    }

    private void taken(TestCa.Identity identity, TlsPolicy policy) throws Exception {
        try (TlsServer server = new TlsServer(identity, CA.certificate())) {
            assertEquals(new RouteVerdict.Fine(), send(server, policy));
            assertSent(server);
        }
    }

    @Test
    void aGoodCertificateIsGoodForEveryPolicy() throws Exception {
        taken(GOOD, OPPORTUNISTIC);
        taken(GOOD, new TlsPolicy.Encrypted(BY));
        taken(GOOD, VERIFIED);
        taken(GOOD, new TlsPolicy.Verified(TlsPolicy.Origin.STS, List.of("mx.test")));
    }

    @Test
    void theGreetingAfterTheHandshakeIsTheOneThatCounts() throws Exception {
        try (TlsServer server = new TlsServer(GOOD)) {
            server.offersInClear = List.of("STARTTLS", "SIZE 1");
            assertEquals(new RouteVerdict.Fine(), send(server, VERIFIED));
            assertEquals("EHLO client.example.org", server.heard().getFirst());
            assertEquals("*EHLO client.example.org", server.heard().get(2));
            assertSent(server);
        }
    }

    @Test
    void encryptedFromTheFirstByte() throws Exception {
        try (TlsServer server = new TlsServer(GOOD)) {
            server.implicit = true;
            assertEquals(new RouteVerdict.Fine(), send(server, VERIFIED));
            assertEquals("*EHLO client.example.org", server.heard().getFirst());
        }
    }

    @Test
    @DisplayName("F-48 expired, self-signed, wrong name: verification refuses, 4.7.5")
    void badCertificatesAreRefused() throws Exception {
        refused(CA.expired(TestCa.Kind.EC, NOW, "mx.test"), VERIFIED, "");
        refused(TestCa.selfSigned(TestCa.Kind.EC, NOW, "mx.test"), VERIFIED, "");
        refused(CA.issue(TestCa.Kind.EC, NOW, "other.test"), VERIFIED, "other.test");
        assertEquals("4.7.5", Failure.untrusted("x").status().toString());
        assertEquals(Outcome.TEMPFAIL, Failure.untrusted("x").outcome());
    }

    @Test
    @DisplayName("F-48 expired, self-signed, wrong name: without verification mail goes, encrypted")
    void badCertificatesAreGoodEnoughForOthers() throws Exception {
        for (TlsPolicy policy : List.of(OPPORTUNISTIC, new TlsPolicy.Encrypted(BY))) {
            taken(CA.expired(TestCa.Kind.EC, NOW, "mx.test"), policy);
            taken(TestCa.selfSigned(TestCa.Kind.EC, NOW, "mx.test"), policy);
            taken(CA.issue(TestCa.Kind.EC, NOW, "other.test"), policy);
        }
    }

    @Test
    void withoutAnOfferOnlyThoseWhoDoNotInsistGo() throws Exception {
        try (TlsServer server = new TlsServer(GOOD)) {
            server.offersInClear = List.of();
            assertEquals(new RouteVerdict.Fine(), send(server, OPPORTUNISTIC));
            assertTrue(server.heard().contains("DATA"), server.heard()::toString);
        }
        try (TlsServer server = new TlsServer(GOOD)) {
            server.offersInClear = List.of();
            assertInstanceOf(
                    RouteVerdict.Untrusted.class, send(server, new TlsPolicy.Encrypted(BY)));
            assertNothingSent(server);
        }
    }

    @Test
    void aRefusalOfStartTlsIsForThoseWhoDoNotInsistNoMatter() throws Exception {
        try (TlsServer server = new TlsServer(GOOD)) {
            server.answers = line -> line.equals("STARTTLS") ? "454 4.7.0 not now" : "";
            assertEquals(new RouteVerdict.Fine(), send(server, OPPORTUNISTIC));
            assertTrue(server.heard().contains("DATA"), server.heard()::toString);
            assertInstanceOf(RouteVerdict.Untrusted.class, send(server, VERIFIED));
        }
    }

    @Test
    void aHandshakeThatFailsEndsTheConnectionAndTheNextGoesInClear() throws Exception {
        try (TlsServer server = new TlsServer(GOOD)) {
            server.garbage = true;
            assertInstanceOf(RouteVerdict.NoEncryption.class, send(server, OPPORTUNISTIC));
            assertInstanceOf(RouteVerdict.Untrusted.class, send(server, VERIFIED));
            assertNothingSent(server);
            encryption = false;
            assertEquals(new RouteVerdict.Fine(), send(server, OPPORTUNISTIC));
            assertInstanceOf(RouteVerdict.Untrusted.class, send(server, VERIFIED));
        }
    }

    @Test
    @DisplayName("F-44 text after the reply to STARTTLS ends the connection, whatever the policy")
    void injectionIsNotBelieved() throws Exception {
        for (TlsPolicy policy : List.of(OPPORTUNISTIC, VERIFIED)) {
            try (TlsServer server = new TlsServer(GOOD)) {
                server.startTlsReply = "220 go\r\n250-mx.test\r\n250 AUTH PLAIN\r\n";
                assertInstanceOf(RouteVerdict.Broken.class, send(server, policy));
                assertNothingSent(server);
            }
        }
    }

    private static TlsPolicy dane(int usage, int selector, byte[] subject) throws Exception {
        Tlsa record =
                new Tlsa(
                        usage,
                        selector,
                        Tlsas.SHA256,
                        Bytes.of(MessageDigest.getInstance("SHA-256").digest(subject)));
        List<String> names = usage == Tlsas.AUTHORITY ? List.of("mx.test") : List.of();
        return new TlsPolicy.Dane("mx.test", List.of(record), names);
    }

    @Test
    @DisplayName("RFC 7672 §3.1.1: for the server's own key neither names nor dates count")
    void daneOwnKey() throws Exception {
        TestCa.Identity odd = CA.expired(TestCa.Kind.EC, NOW, "whoever.test");
        taken(odd, dane(Tlsas.OWN, Tlsas.KEY, odd.certificate().getPublicKey().getEncoded()));
        taken(odd, dane(Tlsas.OWN, Tlsas.WHOLE, odd.certificate().getEncoded()));
        refused(
                GOOD,
                dane(Tlsas.OWN, Tlsas.KEY, odd.certificate().getPublicKey().getEncoded()),
                "no TLSA record fits");
    }

    @Test
    @DisplayName("RFC 7672 §3.1.2: under an authority names and dates count")
    void daneAuthority() throws Exception {
        TlsPolicy policy = dane(Tlsas.AUTHORITY, Tlsas.WHOLE, CA.certificate().getEncoded());
        taken(GOOD, policy);
        try (TlsServer server =
                new TlsServer(CA.issue(TestCa.Kind.EC, NOW, "other.test"), CA.certificate())) {
            assertInstanceOf(RouteVerdict.Untrusted.class, send(server, policy));
            assertNothingSent(server);
        }
        try (TlsServer server =
                new TlsServer(CA.expired(TestCa.Kind.EC, NOW, "mx.test"), CA.certificate())) {
            assertInstanceOf(RouteVerdict.Untrusted.class, send(server, policy));
            assertNothingSent(server);
        }
        refused(GOOD, policy, "no TLSA record fits");
        refused(TestCa.selfSigned(TestCa.Kind.EC, NOW, "mx.test"), policy, "no TLSA record fits");
    }

    private TlsServer withLogin() throws Exception {
        login = new RouteKey.Login("secrets", "label");
        return new TlsServer(GOOD);
    }

    @Test
    void logsInWithPlainWhereItIsOffered() throws Exception {
        try (TlsServer server = withLogin()) {
            server.answers = line -> line.startsWith("AUTH") ? "235 2.7.0 ok" : "";
            assertEquals(new RouteVerdict.Fine(), send(server, VERIFIED));
            assertTrue(
                    server.heard().contains("*AUTH PLAIN AHVzZXIAcGVuY2ls"),
                    server.heard()::toString);
        }
    }

    @Test
    void logsInWithLogin() throws Exception {
        try (TlsServer server = withLogin()) {
            server.offersEncrypted = List.of("AUTH LOGIN");
            server.answers =
                    line ->
                            switch (line) {
                                case "AUTH LOGIN" -> "334 VXNlcm5hbWU6";
                                case "dXNlcg==" -> "334 UGFzc3dvcmQ6";
                                case "cGVuY2ls" -> "235 ok";
                                default -> "";
                            };
            assertEquals(new RouteVerdict.Fine(), send(server, VERIFIED));
            assertSent(server);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"AUTH PLAIN", "AUTH LOGIN"})
    @DisplayName("F-85: a server that repeats our password does not make it a part of a report")
    void whatAServerRepeatsIsHidden(String offer) throws Exception {
        try (TlsServer server = withLogin()) {
            server.offersEncrypted = List.of(offer);
            server.answers =
                    line ->
                            switch (line) {
                                case "AUTH LOGIN" -> "334 VXNlcm5hbWU6";
                                case "dXNlcg==" -> "334 UGFzc3dvcmQ6";
                                case "cGVuY2ls" -> "535-5.7.8 cGVuY2ls\r\n535 5.7.8 is pencil";
                                default ->
                                        line.startsWith("AUTH PLAIN")
                                                ? "535 5.7.8 no: " + line + " (user:pencil)"
                                                : "";
                            };
            String said = send(server, VERIFIED).toString();
            assertTrue(said.contains("AUTH rejected: 535"), said);
            assertTrue(said.contains("********"), said);
            for (String secret : List.of("pencil", "cGVuY2ls", "AHVzZXIAcGVuY2ls")) {
                assertFalse(said.contains(secret), said);
            }
        }
    }

    @Test
    void aRefusedLoginIsForNow() throws Exception {
        try (TlsServer server = withLogin()) {
            server.answers = line -> line.startsWith("AUTH") ? "535 5.7.8 no" : "";
            assertEquals(
                    new RouteVerdict.Refused("AUTH rejected: 535 5.7.8 no"),
                    send(server, VERIFIED));
            assertNothingSent(server);
        }
    }

    @Test
    void passwordsNeverGoInClear() throws Exception {
        try (TlsServer server = withLogin()) {
            server.offersInClear = List.of("AUTH PLAIN");
            assertEquals(
                    new RouteVerdict.Refused("Refuse to AUTH over insecure channel"),
                    send(server, OPPORTUNISTIC));
            assertFalse(server.heard().toString().contains("AUTH"), server.heard()::toString);
        }
    }

    @Test
    void withoutAnOfferToLogInNothingGoes() throws Exception {
        try (TlsServer server = withLogin()) {
            server.offersEncrypted = List.of();
            assertEquals(new RouteVerdict.Refused("AUTH not advertised"), send(server, VERIFIED));
            server.offersEncrypted = List.of("AUTH GSSAPI");
            assertEquals(
                    new RouteVerdict.Refused("no supported AUTH method"), send(server, VERIFIED));
        }
    }

    @Test
    @DisplayName("F-59: an encrypted session with a server that takes no content ends too")
    void zeroWindowUnderTls() throws Exception {
        try (TlsServer server = new TlsServer(GOOD)) {
            server.stalls = true;
            server.offersEncrypted = List.of("8BITMIME");
            content = Samples.endless(() -> {});
            sendPatience = Duration.ofMillis(300);
            assertEquals(
                    new RouteVerdict.Network("Timeout while sending"), send(server, OPPORTUNISTIC));
        }
    }
}
