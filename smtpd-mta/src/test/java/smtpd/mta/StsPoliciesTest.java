package smtpd.mta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.imsg.ControlToMta;
import smtpd.core.imsg.DnsAnswer;
import smtpd.core.imsg.KeptPolicy;
import smtpd.core.imsg.LkaToMta;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.MtaToControl;
import smtpd.core.imsg.StsRecord;
import smtpd.core.mail.Bytes;
import smtpd.core.proc.Peer.Answer;
import smtpd.core.slice.CertificateSet;
import smtpd.core.stat.Statistics;
import smtpd.testkit.tls.TestCa;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.SignatureException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Policies are fetched when their record changes, kept while they hold, and never made stronger or
/// weaker by lookups that fail (RFC 8461 §3.3, §5.1).
class StsPoliciesTest {
    private static final String ENFORCE =
            "version: STSv1\nmode: enforce\nmx: mx.d.test\nmax_age: 86400\n";
    private static final StsRecord ONE = new StsRecord(LookupAnswer.FOUND, "1");
    private static final StsRecord TWO = new StsRecord(LookupAnswer.FOUND, "2");

    private final FakeAgenda agenda = new FakeAgenda();
    private final FakePeer<MtaToControl, ControlToMta> control = new FakePeer<>(agenda);
    private final List<String> fetched = new ArrayList<>();
    private StsPolicies.Fetch.Result web = new StsPolicies.Fetch.Result.Text(ENFORCE);

    private StsPolicies policies(KeptPolicy... kept) {
        control.answers = question -> new Answer.Got<>(new ControlToMta.Policies(List.of(kept)));
        StsPolicies policies =
                new StsPolicies(
                        (domain, then) -> {
                            fetched.add(domain);
                            agenda.after(Duration.ofSeconds(1), () -> then.accept(web));
                        },
                        Optional.of(control),
                        agenda,
                        Statistics.NONE,
                        new MailLog());
        agenda.pass(Duration.ofSeconds(1));
        return policies;
    }

    private String mode(StsPolicies policies, StsRecord record) {
        List<String> modes = new ArrayList<>();
        policies.of(
                "d.test", record, policy -> modes.add(policy == null ? "-" : policy.mode().name()));
        agenda.pass(Duration.ofSeconds(2));
        assertEquals(1, modes.size(), "answered once");
        return modes.getFirst();
    }

    @Test
    void withoutARecordThereIsNothing() {
        StsPolicies policies = policies();
        assertEquals("-", mode(policies, StsRecord.NONE));
        assertEquals("-", mode(policies, StsRecord.NOT_NOW));
        assertEquals(List.of(), fetched);
    }

    @Test
    @DisplayName("F-50 while the id is unchanged the policy is not fetched again")
    void unchanged() {
        StsPolicies policies = policies();
        assertEquals("ENFORCE", mode(policies, ONE));
        assertEquals("ENFORCE", mode(policies, ONE));
        assertEquals(List.of("d.test"), fetched);
        assertEquals("ENFORCE", mode(policies, TWO));
        assertEquals(List.of("d.test", "d.test"), fetched);
    }

    @Test
    @DisplayName("F-50 what is kept holds when the web or DNS fail, until it ends")
    void failuresUndoNothing() {
        StsPolicies policies = policies();
        assertEquals("ENFORCE", mode(policies, ONE));
        web = new StsPolicies.Fetch.Result.None("HTTP status 404");
        assertEquals("ENFORCE", mode(policies, TWO));
        assertEquals("ENFORCE", mode(policies, StsRecord.NONE));
        assertEquals("ENFORCE", mode(policies, StsRecord.NOT_NOW));
        agenda.pass(Duration.ofDays(1));
        assertEquals("-", mode(policies, StsRecord.NONE));
    }

    @Test
    @DisplayName("F-50 a text that is no policy is none, and is not fetched again for a while")
    void noPolicy() {
        StsPolicies policies = policies();
        web = new StsPolicies.Fetch.Result.Text("<html>");
        assertEquals("-", mode(policies, ONE));
        assertEquals("-", mode(policies, ONE));
        assertEquals(1, fetched.size());
        agenda.pass(StsPolicies.RETRY);
        web = new StsPolicies.Fetch.Result.Text(ENFORCE);
        assertEquals("ENFORCE", mode(policies, ONE));
    }

    @Test
    @DisplayName("F-50 policies are kept over restarts, those that have ended are not")
    void kept() {
        StsPolicies policies = policies();
        assertEquals("ENFORCE", mode(policies, ONE));
        KeptPolicy sent =
                assertInstanceOf(MtaToControl.KeepPolicy.class, control.sent.getLast()).policy();
        assertEquals("d.test", sent.domain());
        web = new StsPolicies.Fetch.Result.None("down");
        assertEquals("ENFORCE", mode(policies(sent), StsRecord.NOT_NOW));
        KeptPolicy old = new KeptPolicy("d.test", "1", agenda.now(), ENFORCE);
        assertEquals("-", mode(policies(old), StsRecord.NOT_NOW));
    }

    @Test
    void aPolicyIsRefreshedBeforeItEnds() {
        StsPolicies policies = policies();
        assertEquals("ENFORCE", mode(policies, ONE));
        agenda.pass(Duration.ofHours(13));
        assertEquals("ENFORCE", mode(policies, ONE));
        assertEquals(2, fetched.size());
    }

    private static String text(String reply) throws IOException {
        return HttpReply.text(
                new ByteArrayInputStream(reply.getBytes(StandardCharsets.ISO_8859_1)));
    }

    @Test
    void answersOfTheWeb() throws IOException {
        assertEquals(
                "abc",
                text(
                        "HTTP/1.1 200 OK\r\n"
                                + "Content-Type: text/plain\r\n"
                                + "Content-Length: 3\r\n\r\n"
                                + "abcd"));
        assertEquals("abc", text("HTTP/1.0 200 OK\r\ncontent-type: Text/Plain; x=y\r\n\r\nabc"));
        assertEquals(
                "abcde",
                text(
                        "HTTP/1.1 200 OK\r\n"
                                + "Content-Type: text/plain\r\n"
                                + "Transfer-Encoding: chunked\r\n\r\n"
                                + "3;x\r\n"
                                + "abc\r\n"
                                + "2\r\n"
                                + "de\r\n"
                                + "0\r\n\r\n"));
    }

    @Test
    @DisplayName("F-50 404, redirects, wrong types and long texts are no policy")
    void answersThatAreNone() {
        String plain = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n";
        for (String reply :
                List.of(
                        "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n\r\n",
                        "HTTP/1.1 301 Moved\r\nLocation: https://x.test/\r\n\r\n",
                        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\nabc",
                        "HTTP/1.1 200 OK\r\n\r\nabc",
                        plain + "Content-Length: 65537\r\n\r\nabc",
                        plain + "Content-Length: 4\r\n\r\nabc",
                        plain + "\r\n" + "x".repeat(HttpReply.TEXT_MAX + 1),
                        plain + "Transfer-Encoding: gzip\r\n\r\nabc",
                        plain
                                + "Transfer-Encoding: chunked\r\n\r\n"
                                + ("8000\r\n" + "x".repeat(0x8000) + "\r\n").repeat(3)
                                + "0\r\n\r\n",
                        "x".repeat(HttpReply.LINE_MAX + 1),
                        "SSH-2.0\r\n")) {
            assertThrows(IOException.class, () -> text(reply), reply.substring(0, 8));
        }
    }

    private static Trust trust(Map<String, List<Bytes>> anchors) {
        return new Trust(
                new CertificateSet(Map.of(), anchors),
                (key, scheme, content) -> {
                    throw new SignatureException("no keys");
                });
    }

    private static StsPolicies.Fetch.Result fetch(TlsServer server, TestCa ca) throws Exception {
        Bytes anchor = Bytes.of(ca.certificate().getEncoded());
        StsFetcher fetcher =
                new StsFetcher(
                        question -> new LkaToMta.HostResult(DnsAnswer.FOUND, List.of("127.0.0.1")),
                        trust(Map.of("web", List.of(anchor))),
                        server.port(),
                        "web",
                        Runnable::run);
        CompletableFuture<StsPolicies.Fetch.Result> result = new CompletableFuture<>();
        fetcher.fetch("d.test", result::complete);
        return result.get(20, TimeUnit.SECONDS);
    }

    /// A connection that is opened as always and keeps note of the time that reads may take.
    private static final class Hurried implements Transport.Connector {
        private final List<Duration> allowed = new ArrayList<>();

        @Override
        public Transport connect(RouteKey route, Duration patience) throws IOException {
            Transport real = TcpTransport.connect(route, patience);
            return new Transport() {
                @Override
                public InputStream in() {
                    return real.in();
                }

                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    real.write(bytes, offset, length);
                }

                @Override
                public void sendPatience(Duration patience) {
                    real.sendPatience(patience);
                }

                @Override
                public void deadline(Duration patience) {
                    allowed.add(patience);
                    real.deadline(Duration.ofMillis(300));
                }

                @Override
                public String localAddress() {
                    return real.localAddress();
                }

                @Override
                public int localPort() {
                    return real.localPort();
                }

                @Override
                public void close() {
                    real.close();
                }
            };
        }
    }

    @Test
    @DisplayName("F-50 a fetch has a minute for all reads together, however steadily bytes come")
    void aFetchIsBounded() throws Exception {
        Hurried connector = new Hurried();
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            Thread slow = Thread.ofVirtual().start(() -> trickle(server));
            StsFetcher fetcher =
                    new StsFetcher(
                            question ->
                                    new LkaToMta.HostResult(DnsAnswer.FOUND, List.of("127.0.0.1")),
                            connector,
                            trust(Map.of()),
                            server.getLocalPort(),
                            "web",
                            Runnable::run);
            CompletableFuture<StsPolicies.Fetch.Result> result = new CompletableFuture<>();
            fetcher.fetch("d.test", result::complete);
            assertInstanceOf(StsPolicies.Fetch.Result.None.class, result.get(20, TimeUnit.SECONDS));
            slow.join();
        }
        assertEquals(List.of(Duration.ofMinutes(1)), connector.allowed);
    }

    /// A TLS record of 16 KB, an octet at a time, until the client has gone.
    private static void trickle(ServerSocket server) {
        try (Socket client = server.accept()) {
            client.getOutputStream().write(new byte[] {22, 3, 3, 0x40, 0});
            while (true) {
                client.getOutputStream().write(0);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        } catch (IOException _) {
            // it has
        }
    }

    @Test
    @DisplayName("F-50 policies come from servers with the right certificate only")
    void overTls() throws Exception {
        Instant now = InstantSource.system().instant();
        TestCa ca = TestCa.create(now);
        String reply = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + ENFORCE;
        try (TlsServer server = new TlsServer(ca.issue(TestCa.Kind.EC, now, "mta-sts.d.test"))) {
            server.implicit = true;
            server.http = reply;
            assertEquals(new StsPolicies.Fetch.Result.Text(ENFORCE), fetch(server, ca));
        }
        for (TestCa.Identity bad :
                List.of(
                        ca.issue(TestCa.Kind.EC, now, "d.test"),
                        ca.expired(TestCa.Kind.EC, now, "mta-sts.d.test"),
                        TestCa.selfSigned(TestCa.Kind.EC, now, "mta-sts.d.test"))) {
            try (TlsServer server = new TlsServer(bad)) {
                server.implicit = true;
                server.http = reply;
                assertTrue(fetch(server, ca) instanceof StsPolicies.Fetch.Result.None);
            }
        }
    }
}
