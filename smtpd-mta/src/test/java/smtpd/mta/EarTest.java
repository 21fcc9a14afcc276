package smtpd.mta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.imsg.FilterEvent;
import smtpd.core.imsg.FilterStart;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Secret;
import smtpd.core.mail.SessionId;
import smtpd.core.slice.CertificateSet;
import smtpd.core.stat.Statistics;
import smtpd.testkit.smtp.ScriptedServer;
import smtpd.testkit.tls.TestCa;

import java.security.SignatureException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// What filters hear of sessions with servers: the lines OpenSMTPD writes, in its order.
class EarTest {
    private static final String REFUSED_RCPT =
            """
            C: MAIL FROM:<sender@example.org>
            S: 250 2.1.0 sender ok
            C: RCPT TO:<a@dest.test>
            S: 450 4.2.0 later
            C: RCPT TO:<b@dest.test>
            S: 550 5.1.1 nobody
            """;
    private static final String QUIT =
            """
            C: QUIT
            S: 221 bye
            """;

    private final List<String> told = new CopyOnWriteArrayList<>();
    private final BlockingQueue<SessionReport> reports = new LinkedBlockingQueue<>();
    private Set<FilterEvent> wanted = EnumSet.allOf(FilterEvent.class);
    private Duration patience = Duration.ofSeconds(10);

    /// Remembers everything.
    private final Filters filters =
            new Filters() {
                @Override
                public Set<FilterEvent> begin(FilterStart start) {
                    FilterStart.Ends ends = start.ends();
                    assertEquals(new SessionId(7), start.session());
                    assertTrue(ends.source().matches("127\\.0\\.0\\.1:[1-9][0-9]*"), ends::source);
                    told.add("begin|" + start.filter() + "|" + ends.name() + "|" + ends.address());
                    return wanted;
                }

                @Override
                public void report(SessionId session, FilterEvent event, List<String> fields) {
                    assertEquals(new SessionId(7), session);
                    told.add(
                            fields.isEmpty()
                                    ? event.word()
                                    : event.word() + "|" + String.join("|", fields));
                }
            };

    private void send(int port, TlsTerms terms, RouteKey.Login login, Trust trust, Task task)
            throws InterruptedException {
        RouteKey route =
                new RouteKey(
                        "",
                        "127.0.0.1",
                        port,
                        Scheme.SMTP,
                        new RouteKey.Helo("client.example.org", ""),
                        terms,
                        login,
                        "watch");
        MtaSession.World world =
                new MtaSession.World(
                        TcpTransport::connect,
                        Samples.content("Subject: x\r\n\r\nxxxx\r\n"),
                        new MtaSession.Desk(
                                (table, address) -> Optional.empty(),
                                (table, label) ->
                                        new Secrets.Found.Credentials("user", new Secret("pencil")),
                                trust,
                                filters),
                        phase -> patience,
                        InstantSource.fixed(Samples.NOW),
                        Statistics.NONE);
        MtaSession session =
                new MtaSession(
                        new SessionPlan(new SessionId(7), route, "mx.test", 25, true),
                        world,
                        reports::add);
        session.start();
        session.give(task);
        session.finish();
        SessionReport report = reports.poll(20, TimeUnit.SECONDS);
        while (!(report instanceof SessionReport.Ended)) {
            report = reports.poll(20, TimeUnit.SECONDS);
        }
    }

    private void send(String script, Task task) throws Exception {
        try (ScriptedServer server = ScriptedServer.start(script)) {
            TlsTerms clear = TlsTerms.of(new TlsPolicy.Clear());
            send(server.port(), clear, RouteKey.Login.NONE, Trust.NOBODY, task);
            assertEquals(List.of(), server.failures());
        }
    }

    private String heard() {
        return told.stream().collect(Collectors.joining("\n", "", "\n"));
    }

    private static final String OPENED =
            """
            begin|watch|mx.test|127.0.0.1
            protocol-server|220 mx.test ESMTP
            link-greeting|mx.test
            protocol-client|EHLO client.example.org
            link-identify|EHLO|client.example.org
            """;

    private static final String TRANSACTION =
            """
            protocol-server|250 2.1.0 sender ok
            tx-begin|00000001
            tx-mail|00000001|ok|sender@example.org
            protocol-client|RCPT TO:<a@dest.test>
            tx-envelope|00000001|0000000100000001
            protocol-server|250 2.1.5 rcpt ok
            tx-rcpt|00000001|ok|a@dest.test
            protocol-client|DATA
            protocol-server|354 go
            tx-data|00000001|ok
            protocol-client|.
            protocol-server|250 2.0.0 taken
            tx-commit|00000001|20
            tx-reset|00000001
            protocol-client|QUIT
            protocol-server|221 bye
            link-disconnect
            """;

    @Test
    void aMessageInLockStep() throws Exception {
        send(
                """
                S: 220 mx.test ESMTP
                C: EHLO client.example.org
                S: 250 mx.test
                C: MAIL FROM:<sender@example.org>
                S: 250 2.1.0 sender ok
                C: RCPT TO:<a@dest.test>
                S: 250 2.1.5 rcpt ok
                C: DATA
                S: 354 go
                CONTENT
                S: 250 2.0.0 taken
                """
                        + QUIT,
                Samples.task(1, "a@dest.test"));
        assertEquals(
                OPENED
                        + "protocol-server|250 mx.test\n"
                        + "protocol-client|MAIL FROM:<sender@example.org>\n"
                        + TRANSACTION,
                heard());
    }

    @Test
    void pipelinedCommandsStandBeforeTheirReplies() throws Exception {
        send(
                MtaSessionFixture.PIPELINED + MtaSessionFixture.ONE_MESSAGE + QUIT,
                Samples.task(1, "a@dest.test"));
        assertEquals(
                OPENED
                        + """
                        protocol-server|250-mx.test greets you
                        protocol-server|250-PIPELINING
                        protocol-server|250-SIZE 1000000
                        protocol-server|250-8BITMIME
                        protocol-server|250 DSN
                        protocol-client|MAIL FROM:<sender@example.org> SIZE=20
                        """
                        + TRANSACTION,
                heard());
    }

    @Test
    void refusedRecipientsAreReportedAndTheTransactionEndsOnce() throws Exception {
        send(
                MtaSessionFixture.PLAIN + REFUSED_RCPT + QUIT,
                Samples.task(1, "a@dest.test", "b@dest.test"));
        String heard = heard();
        assertTrue(
                heard.endsWith(
                        """
                        tx-envelope|00000001|0000000100000001
                        protocol-server|450 4.2.0 later
                        tx-rcpt|00000001|tempfail|a@dest.test
                        protocol-client|RCPT TO:<b@dest.test>
                        tx-envelope|00000001|0000000100000002
                        protocol-server|550 5.1.1 nobody
                        tx-rcpt|00000001|permfail|b@dest.test
                        tx-rollback|00000001
                        tx-reset|00000001
                        protocol-client|QUIT
                        protocol-server|221 bye
                        link-disconnect
                        """),
                heard);
    }

    @Test
    void aRefusedSenderBeginsNothing() throws Exception {
        send(
                MtaSessionFixture.PLAIN + "C: MAIL\nS: 550 5.7.1 no\n" + QUIT,
                Samples.task(1, "a@dest.test"));
        assertFalse(heard().contains("tx-"), heard());
        assertTrue(heard().contains("protocol-server|550 5.7.1 no\n"), heard());
    }

    @Test
    void refusedDataRollsBack() throws Exception {
        send(
                MtaSessionFixture.PLAIN
                        + "C: MAIL\nS: 250 ok\nC: RCPT\nS: 250 ok\nC: DATA\nS: 451 4.3.0 no\n"
                        + QUIT,
                Samples.task(1, "a@dest.test"));
        assertTrue(
                heard().contains(
                                """
                                protocol-server|451 4.3.0 no
                                tx-data|00000001|tempfail
                                tx-rollback|00000001
                                tx-reset|00000001
                                """),
                heard());
    }

    @Test
    void aConnectionLostInATransactionRollsBack() throws Exception {
        send(
                MtaSessionFixture.PLAIN + "C: MAIL\nS: 250 ok\nC: RCPT\nCLOSE\n",
                Samples.task(1, "a@dest.test"));
        assertTrue(
                heard().endsWith(
                                """
                                tx-envelope|00000001|0000000100000001
                                tx-rollback|00000001
                                tx-reset|00000001
                                link-disconnect
                                """),
                heard());
    }

    @Test
    void aServerThatDoesNotAnswerIsATimeout() throws Exception {
        patience = Duration.ofMillis(200);
        send(MtaSessionFixture.PLAIN + "C: MAIL\nHANG\n", Samples.task(1, "a@dest.test"));
        assertTrue(
                heard().endsWith(
                                """
                                protocol-client|MAIL FROM:<sender@example.org>
                                timeout
                                link-disconnect
                                """),
                heard());
    }

    @Test
    void whoWantsNothingIsToldNothing() throws Exception {
        wanted = EnumSet.noneOf(FilterEvent.class);
        send(
                MtaSessionFixture.PLAIN + REFUSED_RCPT + QUIT,
                Samples.task(1, "a@dest.test", "b@dest.test"));
        assertEquals(List.of("begin|watch|mx.test|127.0.0.1"), told);
    }

    @Test
    void whoWantsLittleIsToldLittle() throws Exception {
        wanted = EnumSet.of(FilterEvent.TX_RCPT);
        send(
                MtaSessionFixture.PLAIN + REFUSED_RCPT + QUIT,
                Samples.task(1, "a@dest.test", "b@dest.test"));
        assertEquals(
                List.of(
                        "begin|watch|mx.test|127.0.0.1",
                        "tx-rcpt|00000001|tempfail|a@dest.test",
                        "tx-rcpt|00000001|permfail|b@dest.test"),
                told);
    }

    private void logIn(String mechanism) throws Exception {
        Instant now = InstantSource.system().instant();
        TestCa ca = TestCa.create(now);
        try (TlsServer server = new TlsServer(ca.issue(TestCa.Kind.EC, now, "mx.test"))) {
            server.offersEncrypted = List.of("AUTH " + mechanism);
            server.answers =
                    line ->
                            line.startsWith("AUTH LOGIN") || line.equals("dXNlcg==")
                                    ? "334 VXNlcm5hbWU6"
                                    : line.equals("cGVuY2ls") ? "235 2.7.0 in" : "";
            Trust trust =
                    new Trust(
                            new CertificateSet(
                                    Map.of(),
                                    Map.of(
                                            "test",
                                            List.of(Bytes.of(ca.certificate().getEncoded())))),
                            (key, scheme, content) -> {
                                throw new SignatureException("no keys");
                            });
            send(
                    server.port(),
                    TlsTerms.of(new TlsPolicy.Encrypted(TlsPolicy.Origin.ACTION)),
                    new RouteKey.Login("secrets", "label"),
                    trust,
                    Samples.task(1, "a@dest.test"));
        }
    }

    @Test
    @DisplayName("F-85 filters hear that AUTH was said, and of what was said nothing")
    void secretsAreHidden() throws Exception {
        logIn("PLAIN");
        assertTrue(heard().contains("\nlink-tls|TLSv1.3:"), heard());
        assertTrue(
                heard().contains(
                                """
                                protocol-client|AUTH PLAIN ********
                                protocol-server|250 2.1.0 ok
                                link-auth|pass|user
                                """),
                heard());
    }

    @Test
    @DisplayName("F-85 filters hear nothing of a login but its end")
    void everyStepIsHidden() throws Exception {
        logIn("LOGIN");
        assertTrue(
                heard().contains(
                                """
                                protocol-client|AUTH LOGIN
                                protocol-server|334 VXNlcm5hbWU6
                                protocol-client|********
                                protocol-server|334 VXNlcm5hbWU6
                                protocol-client|********
                                protocol-server|235 2.7.0 in
                                link-auth|pass|user
                                """),
                heard());
    }
}
