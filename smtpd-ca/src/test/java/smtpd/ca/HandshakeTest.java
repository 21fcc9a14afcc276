package smtpd.ca;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import smtpd.core.tls.Carrier;
import smtpd.core.tls.Ciphers;
import smtpd.core.tls.ClientTls;
import smtpd.core.tls.Identity;
import smtpd.core.tls.Protocols;
import smtpd.core.tls.ServerTls;
import smtpd.core.tls.Signer;
import smtpd.core.tls.TlsConnection;
import smtpd.testkit.dialogue.BytePipe;
import smtpd.testkit.tls.TestCa;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SignatureException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;

/// Handshakes whose signatures ca makes, as it makes them for smtp and mta.
final class HandshakeTest {
    @SuppressWarnings("TimeInStaticInitializer") // the same for all tests: keys are dear
    private static final Instant NOW = InstantSource.system().instant();

    private static final TestCa AUTHORITY = TestCa.create(NOW);
    private static final String HOST = "mx.example.org";

    private final List<String> signed = new ArrayList<>();

    /// What ca does with a request, without the link.
    private Signer ca(boolean server, TestCa.Identity... pkis) throws GeneralSecurityException {
        Map<String, String> pems = new LinkedHashMap<>();
        for (TestCa.Identity pki : pkis) {
            pems.put(pki.of("").keyId(), pki.keyPem());
        }
        Keys keys = Keys.of(pems);
        return (key, scheme, content) -> {
            boolean handshake =
                    server
                            ? TlsContent.isServerSignature(content)
                            : TlsContent.isClientSignature(content);
            if (!handshake) {
                throw new SignatureException("not a handshake");
            }
            signed.add(scheme.word());
            return keys.sign(key, scheme, content);
        };
    }

    private static Carrier carrier(BytePipe in, BytePipe out) {
        return new Carrier() {
            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                return in.in().read(into, offset, length);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                out.out().write(bytes, offset, length);
            }
        };
    }

    private record Both(TlsConnection server, TlsConnection client) {}

    private static Both shakeHands(ServerTls server, ClientTls client, String host)
            throws Exception {
        BytePipe toServer = new BytePipe(Duration.ofSeconds(20));
        BytePipe toClient = new BytePipe(Duration.ofSeconds(20));
        FutureTask<TlsConnection> accepted =
                new FutureTask<>(() -> server.accept(carrier(toServer, toClient)));
        Thread.ofVirtual().start(accepted);
        TlsConnection connected = client.connect(carrier(toClient, toServer), host);
        return new Both(accepted.get(), connected);
    }

    private static void talk(Both both) throws IOException {
        byte[] hello = "EHLO there\r\n".getBytes(StandardCharsets.US_ASCII);
        both.client().write(hello, 0, hello.length);
        byte[] into = new byte[hello.length];
        assertEquals(hello.length, both.server().read(into, 0, into.length));
        assertArrayEquals(hello, into);
        byte[] much = new byte[100_000];
        java.util.Arrays.fill(much, (byte) 'x');
        both.server().write(much, 0, much.length);
        byte[] back = new byte[much.length];
        int total = 0;
        while (total < back.length) {
            total += both.client().read(back, total, back.length - total);
        }
        assertArrayEquals(much, back);
        both.server().close();
        assertEquals(-1, both.client().read(into, 0, into.length));
    }

    @ParameterizedTest
    @CsvSource({
        "RSA, TLSv1.3, , rsa_pss_rsae",
        "EC, TLSv1.3, , ecdsa_secp256r1_sha256",
        "EC_384, TLSv1.3, , ecdsa_secp384r1_sha384",
        "ED_25519, TLSv1.3, , ed25519",
        "RSA, TLSv1.2, , rsa_",
        "RSA, TLSv1.2, DHE+AEAD, rsa_",
        "EC, TLSv1.2, , ecdsa_secp256r1_sha256",
        "EC_384, TLSv1.2, , ecdsa_secp384r1_sha384",
        "RSA, TLSv1.2, ECDHE-RSA-AES128-SHA, rsa_",
    })
    void everyKindOfKeySigns(TestCa.Kind kind, String version, String ciphers, String scheme)
            throws Exception {
        TestCa.Identity own = AUTHORITY.issue(kind, NOW, HOST);
        List<String> protocols = Protocols.parse(version);
        List<String> suites = Ciphers.parse(ciphers == null ? "" : ciphers);
        ServerTls server =
                ServerTls.of(
                        List.of(own.of("own")),
                        ca(true, own),
                        null,
                        new ServerTls.Terms(protocols, suites, true, false));
        ClientTls client = ClientTls.of(null, ca(false), protocols, suites);

        Both both = shakeHands(server, client, HOST);

        assertEquals(version, both.server().facts().version());
        assertEquals(both.server().facts(), both.client().facts());
        assertEquals(1, signed.size());
        assertTrue(signed.getFirst().startsWith(scheme), signed.getFirst());
        assertEquals(List.of(own.certificate()), both.client().peerChain());
        assertArrayEquals(
                both.server().export("EXPORTER-Channel-Binding", 32),
                both.client().export("EXPORTER-Channel-Binding", 32));
        talk(both);
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3", "TLSv1.2"})
    void aClientShowsItsCertificate(String version) throws Exception {
        TestCa.Identity own = AUTHORITY.issue(TestCa.Kind.EC, NOW, HOST);
        TestCa.Identity clients = AUTHORITY.issue(TestCa.Kind.EC, NOW, "client.example.com");
        List<String> protocols = Protocols.parse(version);
        ServerTls server =
                ServerTls.of(
                        List.of(own.of("own")),
                        ca(true, own),
                        AUTHORITY.anchors(),
                        new ServerTls.Terms(protocols, Ciphers.parse(""), false, true));
        ClientTls client =
                ClientTls.of(
                        clients.of("client"), ca(false, clients), protocols, Ciphers.parse(""));

        Both both = shakeHands(server, client, "mx.example.org");

        assertEquals(List.of(clients.certificate()), both.server().peerChain());
        talk(both);
    }

    @Test
    void severalCertificatesAreChosenByName() throws Exception {
        TestCa.Identity first = AUTHORITY.issue(TestCa.Kind.RSA, NOW, HOST, "example.org");
        TestCa.Identity same = AUTHORITY.issue(TestCa.Kind.EC, NOW, HOST, "example.org");
        TestCa.Identity other =
                AUTHORITY.issue(TestCa.Kind.EC, NOW, "other.example.net", "*.wild.example.net");
        ServerTls server =
                ServerTls.of(
                        List.of(first.of("first"), same.of("same"), other.of("other")),
                        ca(true, first, same, other),
                        null,
                        ServerTls.Terms.DEFAULT);
        assertEquals("other.example.net", shown(server, "other.example.net"));
        assertEquals("other.example.net", shown(server, "a.wild.example.net"));
        assertEquals("mx.example.org", shown(server, "example.org"));
        assertEquals("mx.example.org", shown(server, "unknown.example.com"));
        assertEquals("mx.example.org", shown(server, ""));
        assertEquals("mx.example.org", shown(server, "wild.example.net"));
    }

    private String shown(ServerTls server, String host) throws Exception {
        ClientTls client = ClientTls.of(null, ca(false), Protocols.SECURE, Ciphers.parse(""));
        Both both = shakeHands(server, client, host);
        return Identity.names(both.client().peerChain().getFirst()).getFirst();
    }
}
