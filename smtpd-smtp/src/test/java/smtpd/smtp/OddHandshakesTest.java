package smtpd.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.conf.Listener;
import smtpd.core.conf.Listener.TlsMode;
import smtpd.core.conf.SmtpLimits;
import smtpd.core.slice.CertificateSet;
import smtpd.testkit.tls.TestCa;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import java.util.stream.Stream;

import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/// Handshakes as no good client has them, over sockets, with the JDK's own client.
final class OddHandshakesTest {
    private static final int PATIENCE_MILLIS = 20_000;

    @SuppressWarnings("TimeInStaticInitializer") // the same for all tests: keys are dear
    private static final Instant NOW = InstantSource.system().instant();

    private static final TestCa AUTHORITY = TestCa.create(NOW);
    private static final TestCa.Identity OWN =
            AUTHORITY.issue(TestCa.Kind.EC, NOW, "other.example");

    private final House house = house();
    private final SSLContext context = context();
    private final ServerSocketChannel door = door();

    private static House house() {
        House house = new House();
        house.tls = TlsMode.SMTPS;
        house.certificates = certificates(OWN);
        house.signer = TestCa.signer(OWN);
        return house;
    }

    private static CertificateSet certificates(TestCa.Identity one) {
        return new CertificateSet(Map.of("own", List.of(one.der())), Map.of());
    }

    private static ServerSocketChannel door() {
        try {
            return ServerSocketChannel.open()
                    .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SSLContext context() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new Anybody()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void close() throws IOException {
        door.close();
    }

    /// A session with a client of these terms, as far as it comes.
    private Thread session() {
        FutureTask<SocketChannel> accepted = new FutureTask<>(door::accept);
        return Thread.ofVirtual()
                .start(() -> {
                    accepted.run();
                    house.session(new ChannelStream(accepted.resultNow(), SmtpLimits.DEFAULT))
                            .run();
                });
    }

    private SSLSocket client(Consumer<SSLParameters> terms) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), door.socket().getLocalPort());
        socket.setSoTimeout(PATIENCE_MILLIS);
        // the same name and port for all of them: so that what was agreed is tried again
        if (context.getSocketFactory().createSocket(socket, "mx.example.org", 465, true)
                instanceof SSLSocket secure) {
            SSLParameters parameters = secure.getSSLParameters();
            parameters.setServerNames(List.of());
            terms.accept(parameters);
            secure.setSSLParameters(parameters);
            return secure;
        }
        throw new IOException("no TLS");
    }

    /// A name of any kind and content (RFC 6066 §3).
    private static final class Odd extends SNIServerName {
        private Odd(int type, byte[] content) {
            super(type, content);
        }
    }

    private String log() {
        return String.join("\n", house.log);
    }

    static Stream<SNIServerName> namesThatMeanNothing() {
        return Stream.of(
                new Odd(0, "OTHER.EXAMPLE".getBytes(ISO_8859_1)),
                new Odd(0, "unknown.example".getBytes(ISO_8859_1)),
                new Odd(0, "127.0.0.1".getBytes(ISO_8859_1)),
                new Odd(0, "a.".repeat(100).concat("example").getBytes(ISO_8859_1)),
                new Odd(7, new byte[] {0, -1, '\r', '\n'}));
    }

    @ParameterizedTest
    @DisplayName("F-46 names in upper case, unknown, addresses, long ones: the first certificate")
    @MethodSource("namesThatMeanNothing")
    void namesGetTheFirstCertificate(SNIServerName name) throws Exception {
        Thread session = session();
        try (SSLSocket client = client(terms -> terms.setServerNames(List.of(name)))) {
            client.startHandshake();
            assertEquals(OWN.certificate(), client.getSession().getPeerCertificates()[0]);
            assertTrue(line(client).startsWith("220 "));
        }
        session.join();
        assertTrue(log().endsWith("reason=disconnect"), log());
    }

    static Stream<byte[]> namesThatAreNone() {
        return Stream.of(
                new byte[0],
                "mx.example.org.".getBytes(ISO_8859_1),
                "[::1]".getBytes(ISO_8859_1),
                "a b".getBytes(ISO_8859_1),
                "x\r\nMAIL FROM:<>".getBytes(ISO_8859_1),
                new byte[] {0, 1, 2},
                new byte[] {(byte) 0xc3, (byte) 0x28},
                "x".repeat(64).concat(".example").getBytes(ISO_8859_1),
                "a.".repeat(200).concat("example").getBytes(ISO_8859_1),
                "x".repeat(15_000).getBytes(ISO_8859_1));
    }

    @ParameterizedTest
    @DisplayName("F-46 names that are none: a fatal alert, a line in the log")
    @MethodSource("namesThatAreNone")
    void namesThatAreNoneGetAnAlert(byte[] name) throws Exception {
        Thread session = session();
        try (SSLSocket client = client(terms -> terms.setServerNames(List.of(new Odd(0, name))))) {
            SSLException why = assertThrows(SSLException.class, client::startHandshake);
            assertTrue(String.valueOf(why.getMessage()).contains("alert"), why::toString);
        }
        session.join();
        assertTrue(log().contains(" smtp tls-failed reason=\""), log());
        assertTrue(log().endsWith("reason=tls-accept-failed"), log());
        assertEquals(log().lines().toList(), List.copyOf(house.log), "no line was added");
    }

    @ParameterizedTest
    @DisplayName("F-46 ALPN: who wants another protocol than mail is refused")
    @CsvSource({"h2, false", "http/1.1, false", "smtp, true"})
    void otherProtocols(String protocol, boolean taken) throws Exception {
        Thread session = session();
        try (SSLSocket client =
                client(terms -> terms.setApplicationProtocols(new String[] {protocol}))) {
            if (taken) {
                client.startHandshake();
                assertEquals(protocol, client.getApplicationProtocol());
            } else {
                SSLException why = assertThrows(SSLException.class, client::startHandshake);
                assertTrue(
                        String.valueOf(why.getMessage()).contains("no_application_protocol"),
                        why::toString);
            }
        }
        session.join();
        assertEquals(!taken, log().endsWith("reason=tls-accept-failed"), log());
    }

    @Test
    @DisplayName("F-47 a client that begins a new handshake gets none")
    void renegotiation() throws Exception {
        Thread session = session();
        try (SSLSocket client = client(terms -> terms.setProtocols(new String[] {"TLSv1.2"}))) {
            client.startHandshake();
            assertTrue(line(client).startsWith("220 "));
            client.startHandshake();
            assertThrows(
                    IOException.class,
                    () -> {
                        client.getOutputStream().write("NOOP\r\n".getBytes(ISO_8859_1));
                        throw new IOException("answered: " + line(client));
                    });
        }
        session.join();
        assertTrue(!log().contains("failed-command") && log().contains("disconnected"), log());
    }

    private static String line(SSLSocket client) throws IOException {
        String line =
                new BufferedReader(new InputStreamReader(client.getInputStream(), ISO_8859_1))
                        .readLine();
        if (line == null) {
            throw new IOException("closed");
        }
        return line;
    }

    /// The certificate shown, and when what was agreed began.
    private record Agreed(X509Certificate shown, long began) {}

    /// Shakes hands; the second time a client tries to go on with what was agreed.
    private Agreed shakeHands(ListenerTls tls, String protocol) throws Exception {
        Listener listener = house.listener();
        FutureTask<Boolean> served =
                new FutureTask<>(() -> {
                    ChannelStream stream = new ChannelStream(door.accept(), SmtpLimits.DEFAULT);
                    ListenerTls.Accepted accepted = tls.accept(listener, stream);
                    byte[] word = "hello\r\n".getBytes(ISO_8859_1);
                    accepted.stream().write(word, 0, word.length);
                    accepted.stream().close();
                    return true;
                });
        Thread.ofVirtual().start(served);
        try (SSLSocket client = client(terms -> terms.setProtocols(new String[] {protocol}))) {
            client.startHandshake();
            line(client);
            served.get();
            if (client.getSession().getPeerCertificates()[0] instanceof X509Certificate shown) {
                return new Agreed(shown, client.getSession().getCreationTime());
            }
            throw new IOException("another kind of certificate");
        }
    }

    @ParameterizedTest
    @DisplayName("F-47 a ticket is good for its listener and its certificate only")
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void tickets(String protocol) throws Exception {
        ListenerTls one = house.secured();
        Agreed first = shakeHands(one, protocol);
        assertEquals(first, shakeHands(one, protocol), "resumed");
        ListenerTls other = house.secured();
        assertNotEquals(first.began(), shakeHands(other, protocol).began());

        Agreed last = shakeHands(one, protocol);
        TestCa.Identity made = AUTHORITY.issue(TestCa.Kind.EC, NOW, "other.example");
        house.signer = TestCa.signer(OWN, made);
        one = house.secured();
        Agreed before = shakeHands(one, protocol);
        assertNotEquals(last.began(), before.began());
        assertEquals(List.of(), one.replace(certificates(made)));
        Agreed after = shakeHands(one, protocol);
        assertEquals(made.certificate(), after.shown());
        assertNotEquals(before.began(), after.began());
    }

    private static final class Anybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind) {
            // nobody asks
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind) {
            // the test looks at it itself
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
