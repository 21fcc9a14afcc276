package smtpd.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import smtpd.filter.testkit.FakeClient;
import smtpd.filter.testkit.FakeDaemon;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// What authors of filters rely on.
class FilterTest {
    private static final String FAULT = "reject|451 4.3.0 Temporary failure";

    @Test
    void whatIsDeclaredIsRegistered() throws Exception {
        Filter filter =
                Filter.named("test")
                        .decide(Phase.RCPT_TO, (_, _) -> Decision.proceed())
                        .hear(Event.TIMEOUT, (_, _) -> {})
                        .hear(Subsystem.SMTP_OUT, Event.TX_COMMIT, (_, _) -> {})
                        .usesDns();
        try (FakeDaemon daemon = FakeDaemon.run(filter)) {
            assertTrue(daemon.asks(Phase.RCPT_TO));
            assertFalse(daemon.asks(Phase.COMMIT));
            assertTrue(daemon.hears(Subsystem.SMTP_IN, Event.TIMEOUT));
            assertTrue(daemon.hears(Subsystem.SMTP_OUT, Event.TX_COMMIT));
            assertFalse(daemon.hears(Subsystem.SMTP_OUT, Event.TIMEOUT));
            assertFalse(daemon.hears(Subsystem.SMTP_IN, Event.PROTOCOL_CLIENT));
            assertTrue(daemon.registered().contains("dns|smtp-in"));
        }
    }

    @Test
    void whatItIsNotUsedForIsNotRegistered() throws Exception {
        Filter filter = Filter.named("test").decide(Phase.RCPT_TO, (_, _) -> Decision.proceed());
        try (FakeDaemon daemon = FakeDaemon.run(filter, Set.of(Subsystem.SMTP_OUT))) {
            assertEquals(Set.of(), daemon.registered());
        }
    }

    @Test
    void everyDecisionIsWrittenAsTheProtocolHasIt() throws Exception {
        Filter filter =
                Filter.named("test")
                        .decide(
                                Phase.HELO,
                                (_, hello) ->
                                        switch (hello.name()) {
                                            case "junk" -> Decision.junk();
                                            case "reject" -> Decision.reject("550 5.7.1 Nö");
                                            case "disconnect" -> Decision.disconnect("421 Bye");
                                            case "rewrite" -> Decision.rewrite("other");
                                            case "report" -> Decision.report("a|b");
                                            case "later" ->
                                                    Decision.later(
                                                            CompletableFuture.completedFuture(
                                                                    Decision.junk()));
                                            default -> Decision.proceed();
                                        })
                        .decide(Phase.RCPT_TO, (_, _) -> Decision.rewriteAddress("x@y.example"))
                        .decide(Phase.COMMIT, (_, _) -> Decision.junk());
        try (FakeDaemon daemon = FakeDaemon.run(filter)) {
            FakeClient client = daemon.client("192.0.2.1");
            assertEquals("junk", client.helo("junk"));
            assertEquals("reject|550 5.7.1 Nö", client.helo("reject"));
            assertEquals("disconnect|421 Bye", client.helo("disconnect"));
            assertEquals("rewrite|other", client.helo("rewrite"));
            assertEquals("report|a|b", client.helo("report"));
            assertEquals("junk", client.helo("later"));
            assertEquals("proceed", client.helo("client.example"));
            assertEquals("rewrite|<x@y.example>", client.rcpt("a@b.example"));
            assertEquals("proceed", client.commit(), "too late for junk");
        }
    }

    @Test
    void decisionsThatCannotBeWrittenCannotBeMade() {
        for (String text :
                new String[] {"", "no", "250 ok", "550", "550 ", "550 a\nb", "550 a\u0000b"}) {
            assertThrows(IllegalArgumentException.class, () -> Decision.reject(text), text);
            assertThrows(IllegalArgumentException.class, () -> Decision.disconnect(text), text);
        }
        String tooLong = "550 " + "x".repeat(Decision.TEXT_MAX);
        assertThrows(IllegalArgumentException.class, () -> Decision.reject(tooLong));
        assertThrows(IllegalArgumentException.class, () -> Decision.rewrite("a\nb"));
        assertThrows(IllegalArgumentException.class, () -> Decision.report(""));
    }

    @Test
    void aSessionKnowsWhatWasReported() throws Exception {
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        Filter filter =
                Filter.named("test")
                        .decide(
                                Phase.DATA,
                                (it, _) -> {
                                    seen.add(it.address() + " " + it.rdns() + " " + it.fcrdns());
                                    seen.add(it.helo() + " " + it.user() + " " + it.tls());
                                    seen.add(it.msgid() + " " + it.sender() + it.recipients());
                                    return Decision.proceed();
                                });
        try (FakeDaemon daemon = FakeDaemon.run(filter)) {
            FakeClient client = daemon.client("2001:db8::7", "client.example");
            client.connect();
            client.ehlo("me.example");
            client.tell(Event.LINK_TLS, "TLSv1.3:TLS_AES_256_GCM_SHA384:256");
            client.auth("alice");
            client.mail("a@b.example");
            client.rcpt("c@d.example");
            client.rcpt("e|f@d.example");
            client.data();
        }
        assertEquals("/2001:db8:0:0:0:0:0:7 client.example PASS", seen.take());
        assertEquals("me.example alice TLSv1.3:TLS_AES_256_GCM_SHA384:256", seen.take());
        assertEquals("00000001 a@b.example[c@d.example, e|f@d.example]", seen.take());
    }

    @Test
    void aLocalClientHasNoAddress() throws Exception {
        Filter filter =
                Filter.named("test")
                        .decide(
                                Phase.CONNECT,
                                (session, connect) ->
                                        Decision.report(
                                                session.address() + " " + connect.address()));
        try (FakeDaemon daemon = FakeDaemon.run(filter)) {
            assertEquals("report|null null", daemon.client("local").connect());
        }
    }

    @Test
    void stateLivesAsLongAsItsTransactionOrSession() throws Exception {
        State<List<String>> session = State.perSession(ArrayList::new);
        State<List<String>> transaction = State.perTransaction(ArrayList::new);
        Filter filter =
                Filter.named("test")
                        .decide(
                                Phase.MAIL_FROM,
                                (it, mail) -> {
                                    it.state(session).add(mail.address());
                                    it.state(transaction).add(mail.address());
                                    return Decision.proceed();
                                })
                        .decide(
                                Phase.DATA,
                                (it, _) ->
                                        Decision.report(
                                                it.state(session) + " " + it.state(transaction)));
        try (FakeDaemon daemon = FakeDaemon.run(filter)) {
            FakeClient client = daemon.client("192.0.2.1");
            client.connect();
            client.mail("a@b");
            assertEquals("report|[a@b] [a@b]", client.data());
            client.rset();
            assertEquals("report|[a@b] []", client.data());
            client.mail("c@d");
            assertEquals("report|[a@b, c@d] [c@d]", client.data());
            FakeClient other = daemon.client("192.0.2.2");
            other.connect();
            assertEquals("report|[] []", other.data());
        }
    }

    @Test
    void whatACallbackThrowsIsAFaultAndNotAnAnswer() throws Exception {
        Filter filter =
                Filter.named("test")
                        .decide(
                                Phase.HELO,
                                (_, _) -> {
                                    throw new IllegalStateException("broken\nin two");
                                })
                        .decide(
                                Phase.EHLO,
                                (_, _) ->
                                        Decision.later(
                                                CompletableFuture.failedFuture(
                                                        new IllegalStateException("later"))));
        FakeDaemon daemon = FakeDaemon.run(filter);
        FakeClient client = daemon.client("192.0.2.1");
        assertEquals(FAULT, client.helo("x"));
        assertEquals(FAULT, client.ehlo("x"));
        assertEquals(0, daemon.end());
        assertTrue(daemon.errors().contains(client.id() + " helo: "), daemon.errors());
        assertTrue(daemon.errors().contains("broken in two at "), daemon.errors());
        assertEquals(2, daemon.errors().lines().count(), daemon.errors());
    }

    @Test
    void theAnswerToAFaultCanBeChosen() throws Exception {
        Filter filter =
                Filter.named("test")
                        .onFault(Decision.proceed())
                        .decide(
                                Phase.HELO,
                                (_, _) -> {
                                    throw new IllegalStateException("broken");
                                });
        try (FakeDaemon daemon = FakeDaemon.run(filter)) {
            assertEquals("proceed", daemon.client("192.0.2.1").helo("x"));
        }
    }

    @Test
    void aSessionThatWaitsHoldsNoOther() throws Exception {
        CompletableFuture<Decision> slow = new CompletableFuture<>();
        Filter filter =
                Filter.named("test")
                        .decide(
                                Phase.HELO,
                                (_, hello) ->
                                        hello.name().equals("blocks")
                                                ? slow.join()
                                                : Decision.junk())
                        .decide(Phase.EHLO, (_, _) -> Decision.later(slow));
        try (FakeDaemon daemon = FakeDaemon.run(filter)) {
            CompletableFuture<String> blocked =
                    daemon.client("192.0.2.1").asking(Phase.HELO, "blocks");
            CompletableFuture<String> deferred =
                    daemon.client("192.0.2.2").asking(Phase.EHLO, "waits");
            assertEquals("junk", daemon.client("192.0.2.3").helo("goes"));
            assertFalse(blocked.isDone());
            assertFalse(deferred.isDone());
            slow.complete(Decision.reject("550 5.7.1 no"));
            assertEquals("reject|550 5.7.1 no", blocked.get(10, TimeUnit.SECONDS));
            assertEquals("reject|550 5.7.1 no", deferred.get(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void callbacksOfASessionRunInOrder() throws Exception {
        List<String> seen = new ArrayList<>();
        CountDownLatch all = new CountDownLatch(1000);
        Filter filter =
                Filter.named("test")
                        .hear(
                                Event.PROTOCOL_CLIENT,
                                (_, line) -> {
                                    seen.add(line.command());
                                    all.countDown();
                                });
        List<String> expected = new ArrayList<>();
        try (FakeDaemon daemon = FakeDaemon.run(filter)) {
            FakeClient client = daemon.client("192.0.2.1");
            client.connect();
            for (int i = 0; i < 1000; i++) {
                client.tell(Event.PROTOCOL_CLIENT, "NOOP " + i);
                expected.add("NOOP " + i);
            }
            assertTrue(all.await(10, TimeUnit.SECONDS));
        }
        assertEquals(expected, seen);
    }

    @Test
    void allEventsCanBeHeardUnknownOnesToo() throws Exception {
        BlockingQueue<Report> seen = new LinkedBlockingQueue<>();
        Filter filter =
                Filter.named("test").hearAll(Subsystem.SMTP_IN, (_, report) -> seen.add(report));
        try (FakeDaemon daemon = FakeDaemon.run(filter)) {
            assertEquals(Set.of("report|smtp-in|*"), daemon.registered());
            FakeClient client = daemon.client("192.0.2.1");
            client.connect();
            daemon.line("report|0.8|1.000000|smtp-in|tx-moon|" + client.id() + "|full|round");
            daemon.line("report|0.8|1.000000|smtp-in|tx-commit|" + client.id() + "|00000001|5|new");
            client.disconnect();
        }
        assertTrue(seen.take() instanceof Report.LinkConnect);
        assertTrue(seen.take() instanceof Report.LinkGreeting);
        assertEquals(new Report.Unknown("tx-moon", "full|round"), seen.take());
        assertEquals(new Report.TxCommit("00000001", 5), seen.take());
        assertEquals(new Report.LinkDisconnect(), seen.take());
    }

    @Test
    void aReportOfASessionIsTold() throws Exception {
        Filter filter =
                Filter.named("test")
                        .decide(
                                Phase.HELO,
                                (session, _) -> {
                                    session.report("it said helo");
                                    return Decision.proceed();
                                });
        try (FakeDaemon daemon = FakeDaemon.run(filter)) {
            FakeClient client = daemon.client("192.0.2.1");
            client.helo("x");
            assertEquals(
                    List.of("smtp-in|" + client.id() + "|it said helo"), daemon.awaitReports(1));
        }
    }

    @Test
    void theEndOfTheInputIsTheEnd() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        Filter filter =
                Filter.named("test")
                        .usesDns()
                        .decide(
                                Phase.HELO,
                                (session, _) ->
                                        Decision.report(
                                                session.dns(DnsType.A, "never.example")
                                                        .join()
                                                        .toString()))
                        .onEnd(ended::countDown);
        FakeDaemon daemon = FakeDaemon.run(filter);
        daemon.dns().hold(DnsType.A, "never.example");
        CompletableFuture<String> answer = daemon.client("192.0.2.1").asking(Phase.HELO, "x");
        daemon.dns().awaitAsked(DnsType.A, "never.example", 1);
        assertEquals(0, daemon.end());
        assertEquals(0, ended.getCount());
        assertEquals("report|Failed[why=the server has gone]", answer.join());
    }

    @Test
    void aServerThatBreaksTheProtocolEndsTheRun() throws Exception {
        for (String line :
                new String[] {
                    "report|0.7|now|smtp-in|timeout|0000000000000001",
                    "report|0.7|1.000000|smtp-in|link-connect|0000000000000001|only",
                    "filter|0.7|1.000000|smtp-in|data-line|0000000000000001|0000000000000001|x",
                    "config|ready"
                }) {
            FakeDaemon daemon = FakeDaemon.run(Filter.named("test"));
            daemon.line(line);
            assertEquals(1, daemon.end(), line);
            assertTrue(daemon.errors().startsWith("protocol: "), daemon.errors());
        }
    }

    @Test
    void anOlderProtocolIsRefused() throws Exception {
        FakeDaemon daemon = FakeDaemon.silent(Filter.named("test"));
        daemon.line("config|protocol|0.6\nconfig|ready");
        assertEquals(1, daemon.end());
        assertEquals("protocol: needs protocol 0.7, not 0.6\n", daemon.errors());
    }

    @Test
    void aServerWithoutDnsIsRefused() throws Exception {
        java.io.ByteArrayOutputStream errors = new java.io.ByteArrayOutputStream();
        int status =
                Filter.named("test")
                        .usesDns()
                        .run(
                                new java.io.ByteArrayInputStream(
                                        "config|protocol|0.7\nconfig|ready\n"
                                                .getBytes(StandardCharsets.UTF_8)),
                                java.io.OutputStream.nullOutputStream(),
                                new java.io.PrintStream(errors, true, StandardCharsets.UTF_8),
                                java.util.Map.of(),
                                java.time.InstantSource.system());
        assertEquals(1, status);
        assertTrue(errors.toString(StandardCharsets.UTF_8).contains("no DNS for filters"));
    }
}
