package smtpd.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.conf.Listener.TlsMode;
import smtpd.core.slice.CertificateSet;
import smtpd.core.tls.Protocols;
import smtpd.core.tls.TlsConnection;
import smtpd.smtp.ClientStream.Interruption;
import smtpd.smtp.guard.Memory;
import smtpd.testkit.tls.TestCa;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.SignatureException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// STARTTLS and smtps against a session, with a real client's TLS.
final class StartTlsTest {
    @SuppressWarnings("TimeInStaticInitializer") // the same for all tests: keys are dear
    private static final Instant NOW = InstantSource.system().instant();

    private static final TestCa AUTHORITY = TestCa.create(NOW);
    private static final TestCa.Identity OWN = AUTHORITY.issue(TestCa.Kind.EC, NOW, House.HOST);
    private static final TestCa.Identity CLIENT =
            AUTHORITY.issue(TestCa.Kind.EC, NOW, "client.example.com");
    private static final TestCa.Identity STRANGER =
            TestCa.selfSigned(TestCa.Kind.EC, NOW, "client.example.com");

    private final House house = new House();
    private final TlsPeer client =
            new TlsPeer(house.stream.toClient.in(), house.stream.toServer.out());
    private @Nullable Thread session;

    private void begin(TlsMode mode) {
        house.tls = mode;
        house.certificates =
                new CertificateSet(
                        Map.of("own", List.of(OWN.der())),
                        Map.of("clients", List.of(AUTHORITY.der())));
        house.signer = TestCa.signer(OWN);
        start();
    }

    private void start() {
        session = Thread.ofVirtual().start(house.session());
    }

    @AfterEach
    void finish() throws InterruptedException {
        house.stream.toServer.close();
        if (session != null) {
            session.join();
        }
        assertEquals(house.memory.all(), house.memory.free(), "memory lost");
    }

    private String log() {
        return house.log.stream().collect(Collectors.joining("\n"));
    }

    private void awaitEnd() throws InterruptedException {
        if (session != null) {
            session.join();
        }
    }

    private TlsConnection upgrade() throws IOException, GeneralSecurityException {
        client.reply();
        client.ask("EHLO there");
        assertEquals("220 2.0.0 Ready to start TLS\n", client.ask("STARTTLS"));
        return client.secure(House.HOST);
    }

    @ParameterizedTest
    @DisplayName("F-45 what was said before STARTTLS is forgotten, and a second one is 503")
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void beginsAnew(String version) throws Exception {
        begin(TlsMode.STARTTLS);
        client.protocols = Protocols.parse(version);
        client.reply();
        assertTrue(client.ask("EHLO there").contains("STARTTLS"));
        client.ask("STARTTLS");
        TlsConnection tls = client.secure(House.HOST);
        assertEquals(List.of(OWN.certificate()), tls.peerChain());

        assertTrue(client.ask("MAIL FROM:<a@example.com>").startsWith("503"));
        assertFalse(client.ask("EHLO there").contains("STARTTLS"));
        assertTrue(client.ask("STARTTLS").startsWith("503"));
        client.ask("MAIL FROM:<a@example.com>");
        client.ask("RCPT TO:<alice@example.org>");
        client.ask("DATA");
        String end = client.ask("Subject: x\r\n\r\nx\r\n.");
        assertTrue(end.startsWith("250"), end);
        assertTrue(client.ask("QUIT").startsWith("221"));
        awaitEnd();

        assertEquals(1, house.queue.accepted.size());
        String message = house.queue.accepted.getFirst();
        assertTrue(log().contains(" smtp tls ciphers=" + tls.facts()), log());
        assertTrue(
                message.contains("with ESMTPS id") && message.contains("(" + tls.facts() + ":NO)"),
                message);
        assertTrue(log().endsWith("reason=quit"), log());
        assertNull(client.line());
    }

    @Test
    @DisplayName("F-45 STARTTLS inside a transaction, before EHLO, and where it is not offered")
    void elsewhereItIsRefused() throws Exception {
        begin(TlsMode.STARTTLS);
        client.reply();
        assertTrue(client.ask("STARTTLS").startsWith("503"));
        client.ask("EHLO there");
        client.ask("MAIL FROM:<a@example.com>");
        assertTrue(client.ask("STARTTLS").startsWith("503"));
        client.ask("RSET");
        assertTrue(client.ask("STARTTLS now").startsWith("501"));
    }

    @Test
    void withoutCertificateItIsNotKnown() throws Exception {
        begin(TlsMode.NONE);
        client.reply();
        assertFalse(client.ask("EHLO there").contains("STARTTLS"));
        assertTrue(client.ask("STARTTLS").startsWith("502"));
    }

    @Test
    @DisplayName("F-44 commands in one segment with STARTTLS end the session")
    void nothingMayStandBehindIt() throws Exception {
        begin(TlsMode.STARTTLS);
        client.reply();
        client.ask("EHLO there");
        client.send("STARTTLS\r\nRSET\r\nMAIL FROM:<a@example.com>\r\n");
        assertTrue(client.reply().startsWith("554"));
        assertEquals("closed", client.reply());
        awaitEnd();
        assertTrue(house.queue.open.isEmpty());
        assertTrue(log().contains(" smtp starttls-injection"), log());
    }

    @Test
    @DisplayName("F-44 what comes in clear after the 220 is no command but a broken handshake")
    void clearTextAfterwardsIsNotRead() throws Exception {
        begin(TlsMode.STARTTLS);
        client.reply();
        client.ask("EHLO there");
        client.ask("STARTTLS");
        client.clear("EHLO again\r\nMAIL FROM:<a@example.com>\r\n");
        awaitEnd();
        assertTrue(log().contains("smtp tls-failed reason="), log());
        assertTrue(log().endsWith("reason=tls-accept-failed"), log());
        assertTrue(house.queue.open.isEmpty());
    }

    @ParameterizedTest
    @DisplayName("F-45, F-46 half a handshake, none, garbage")
    @CsvSource({"16", "1603010200", "00", "150301000201", "80", "16030100050100000100"})
    void brokenHandshakesEndTheSession(String hex) throws Exception {
        begin(TlsMode.SMTPS);
        house.stream.toServer.out().write(java.util.HexFormat.of().parseHex(hex));
        house.stream.toServer.close();
        awaitEnd();
        assertTrue(log().endsWith("reason=tls-accept-failed"), log());
    }

    @Test
    @DisplayName("F-45 half a handshake and then silence")
    void silenceEndsAHandshake() throws Exception {
        begin(TlsMode.SMTPS);
        house.stream.toServer.out().write(new byte[] {0x16, 3, 1});
        house.stream.interrupt(Interruption.TIMEOUT);
        awaitEnd();
        assertTrue(log().endsWith("reason=tls-accept-failed"), log());
        assertEquals("closed", client.reply());
    }

    @Test
    void withoutMemoryThereIsNoHandshake() throws Exception {
        house.memory = new Memory(50 * 1024);
        begin(TlsMode.STARTTLS);
        client.reply();
        client.ask("EHLO there");
        assertTrue(client.ask("STARTTLS").startsWith("421 4.3.2"));
        assertEquals("closed", client.reply());
        awaitEnd();
        assertEquals(house.memory.all(), house.memory.free());
    }

    @Test
    void withoutMemoryWhoBeginsWithTlsIsToldNothing() throws Exception {
        house.memory = new Memory(50 * 1024);
        begin(TlsMode.SMTPS);
        assertEquals("closed", client.reply());
        awaitEnd();
        assertTrue(log().contains("tls-failed reason=\"not enough memory now\""), log());
    }

    @Test
    void mailNeedsTlsWhereItIsRequired() throws Exception {
        begin(TlsMode.REQUIRE);
        client.reply();
        client.ask("EHLO there");
        assertTrue(client.ask("MAIL FROM:<a@example.com>").startsWith("530 5.7.0"));
        client.ask("STARTTLS");
        client.secure("");
        client.ask("EHLO there");
        assertTrue(client.ask("MAIL FROM:<a@example.com>").startsWith("250"));
    }

    @Test
    void smtpsBeginsWithTls() throws Exception {
        begin(TlsMode.SMTPS);
        client.secure(House.HOST);
        assertTrue(client.reply().startsWith("220 " + House.HOST));
        assertFalse(client.ask("EHLO there").contains("STARTTLS"));
        assertTrue(client.ask("STARTTLS").startsWith("503"));
        client.ask("QUIT");
        awaitEnd();
        assertTrue(log().contains("smtp tls ciphers=TLSv1.3:TLS_AES_256_GCM_SHA384:256"), log());
    }

    @Test
    @DisplayName("F-39 close_notify within DATA and clear text behind it: nothing is interpreted")
    void nothingFollowsTheEndOfTlsInData() throws Exception {
        begin(TlsMode.STARTTLS);
        TlsConnection tls = upgrade();
        client.ask("EHLO there");
        client.ask("MAIL FROM:<a@example.com>");
        client.ask("RCPT TO:<alice@example.org>");
        client.ask("DATA");
        client.send("Subject: x\r\n\r\nhalf");
        endsTls(tls, " a message\r\n.\r\nMAIL FROM:<evil@example.com>\r\n");
    }

    @Test
    @DisplayName("F-39 close_notify within BDAT and clear text behind it: nothing is interpreted")
    void nothingFollowsTheEndOfTlsInBdat() throws Exception {
        begin(TlsMode.STARTTLS);
        TlsConnection tls = upgrade();
        client.ask("EHLO there");
        client.ask("MAIL FROM:<a@example.com>");
        client.ask("RCPT TO:<alice@example.org>");
        client.send("BDAT 40 LAST\r\nSubject: x\r\n\r\nhalf");
        endsTls(tls, " a message, and more\r\nMAIL FROM:<evil@example.com>\r\nBDAT 1 LAST\r\nx");
    }

    /// The client ends TLS and goes on in clear.
    private void endsTls(TlsConnection tls, String clear) throws Exception {
        tls.close();
        try {
            client.clear(clear);
        } catch (IOException _) {
            // the server was quicker, and has closed already
        }
        awaitEnd();
        assertTrue(house.queue.accepted.isEmpty());
        assertFalse(log().contains("evil"), log());
        assertTrue(log().endsWith("reason=disconnect"), log());
    }

    @Test
    @DisplayName("F-39 clear text in a session with TLS ends it")
    void clearTextIsNotTls() throws Exception {
        begin(TlsMode.STARTTLS);
        upgrade();
        client.ask("EHLO there");
        client.clear("MAIL FROM:<evil@example.com>\r\n");
        awaitEnd();
        assertTrue(house.queue.open.isEmpty());
        assertTrue(log().contains("io-error"), log());
    }

    @Test
    void withoutSignatureThereIsNoHandshake() throws Exception {
        begin(TlsMode.NONE);
        finish();
        House other = new House();
        other.tls = TlsMode.SMTPS;
        other.certificates = new CertificateSet(Map.of("own", List.of(OWN.der())), Map.of());
        other.signer =
                (key, scheme, content) -> {
                    throw new SignatureException("ca is not running");
                };
        TlsPeer peer = new TlsPeer(other.stream.toClient.in(), other.stream.toServer.out());
        Thread thread = Thread.ofVirtual().start(other.session());
        assertThrows(IOException.class, () -> peer.secure(House.HOST));
        thread.join();
        assertTrue(other.log.getLast().endsWith("reason=tls-accept-failed"), other.log.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void verifyTakesGoodClientsOnly(String version) throws Exception {
        house.verify = true;
        house.ca = "clients";
        begin(TlsMode.SMTPS);
        client.protocols = Protocols.parse(version);
        client.secure(House.HOST, CLIENT.of("client"), TestCa.signer(CLIENT));
        assertTrue(client.reply().startsWith("220"));
        client.ask("EHLO there");
        client.ask("QUIT");
        awaitEnd();
        assertTrue(log().contains("smtp cert-check result=\"verified\" fingerprint=\"SHA256:"));
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.2, true", "TLSv1.3, true", "TLSv1.2, false", "TLSv1.3, false"})
    void verifyTakesNobodyElse(String version, boolean shows) throws Exception {
        house.verify = true;
        house.ca = "clients";
        begin(TlsMode.SMTPS);
        client.protocols = Protocols.parse(version);
        assertThrows(
                IOException.class,
                () -> {
                    if (shows) {
                        client.secure(House.HOST, STRANGER.of("stranger"), TestCa.signer(STRANGER));
                    } else {
                        client.secure(House.HOST);
                    }
                    client.reply();
                });
        awaitEnd();
        assertTrue(log().endsWith("reason=tls-accept-failed"), log());
    }

    @ParameterizedTest
    @CsvSource({"true, '', unchecked", "false, clients, unverified", "true, clients, verified"})
    void otherwiseACertificateIsLogged(boolean good, String ca, String result) throws Exception {
        house.ca = ca;
        begin(TlsMode.SMTPS);
        TestCa.Identity shown = good ? CLIENT : STRANGER;
        client.secure(House.HOST, shown.of("client"), TestCa.signer(shown));
        assertTrue(client.reply().startsWith("220"));
        client.ask("QUIT");
        awaitEnd();
        assertTrue(log().contains("smtp cert-check result=\"" + result + "\""), log());
    }
}
