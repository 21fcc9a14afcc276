package smtpd.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import smtpd.filter.testkit.FakeClient;
import smtpd.filter.testkit.FakeDaemon;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Names looked up through the server.
class DnsTest {
    private static Filter asker() {
        return Filter.named("test")
                .usesDns()
                .decide(
                        Phase.HELO,
                        (session, hello) ->
                                Decision.report(
                                        session.dns(DnsType.TXT, hello.name()).join().toString()));
    }

    @Test
    void thereAreThreeAnswers() throws Exception {
        try (FakeDaemon daemon = FakeDaemon.run(asker())) {
            daemon.dns()
                    .answer(DnsType.TXT, "two.example", "one|\\\\", "t\\228o")
                    .answer(DnsType.TXT, "empty.example")
                    .fail(DnsType.TXT, "broken.example");
            FakeClient client = daemon.client("192.0.2.1");
            assertEquals("report|Found[values=[one|\\, täo]]", client.helo("two.example"));
            assertEquals("report|None[]", client.helo("empty.example"));
            assertEquals("report|None[]", client.helo("nowhere.example"));
            assertEquals("report|Failed[why=tempfail]", client.helo("broken.example"));
        }
    }

    @Test
    void whatCannotBeANameIsNotAsked() throws Exception {
        try (FakeDaemon daemon = FakeDaemon.run(asker())) {
            FakeClient client = daemon.client("192.0.2.1");
            assertEquals("report|Failed[why=not a name]", client.helo("a b"));
            assertEquals("report|Failed[why=not a name]", client.helo("ä.example"));
            assertEquals(List.of(), daemon.dns().asked());
        }
    }

    @Test
    void anAnswerThatIsLateHoldsNoOtherSession() throws Exception {
        try (FakeDaemon daemon = FakeDaemon.run(asker())) {
            daemon.dns()
                    .hold(DnsType.TXT, "slow.example")
                    .answer(DnsType.TXT, "slow.example", "at last");
            List<CompletableFuture<String>> slow = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                slow.add(daemon.client("192.0.2.1").asking(Phase.HELO, "slow.example"));
            }
            daemon.dns().awaitAsked(DnsType.TXT, "slow.example", 500);
            assertEquals("report|None[]", daemon.client("192.0.2.2").helo("quick.example"));
            daemon.dns().release(DnsType.TXT, "slow.example");
            for (CompletableFuture<String> each : slow) {
                assertEquals("report|Found[values=[at last]]", each.get(10, TimeUnit.SECONDS));
            }
        }
    }

    @Test
    void moreThanTheServerTakesWaits() throws Exception {
        CountDownLatch answered = new CountDownLatch(9000);
        Filter filter =
                Filter.named("test")
                        .usesDns()
                        .onStart(daemon -> {
                            for (int i = 0; i < 9000; i++) {
                                CompletableFuture<Void> _ =
                                        daemon.dns(DnsType.A, "a.example")
                                                .thenAccept(answer -> {
                                                    if (answer instanceof DnsAnswer.None) {
                                                        answered.countDown();
                                                    }
                                                });
                            }
                        });
        try (FakeDaemon daemon = FakeDaemon.run(filter)) {
            assertTrue(answered.await(20, TimeUnit.SECONDS), daemon.errors());
        }
    }

    @Test
    void theEndOfASessionEndsItsWaiting() throws Exception {
        CompletableFuture<DnsAnswer> seen = new CompletableFuture<>();
        Filter filter =
                Filter.named("test")
                        .usesDns()
                        .decide(
                                Phase.HELO,
                                (session, hello) -> {
                                    seen.complete(session.dns(DnsType.A, hello.name()).join());
                                    return Decision.proceed();
                                });
        try (FakeDaemon daemon = FakeDaemon.run(filter)) {
            daemon.dns().hold(DnsType.A, "never.example");
            FakeClient client = daemon.client("192.0.2.1");
            client.connect();
            CompletableFuture<String> answer = client.asking(Phase.HELO, "never.example");
            daemon.dns().awaitAsked(DnsType.A, "never.example", 1);
            client.disconnect();
            assertEquals(
                    new DnsAnswer.Failed("the session has ended"), seen.get(10, TimeUnit.SECONDS));
            assertEquals("proceed", answer.get(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void whatIsChainedToASessionTakesItsTurn() throws Exception {
        List<String> seen = new ArrayList<>();
        CountDownLatch done = new CountDownLatch(1);
        Filter filter =
                Filter.named("test")
                        .usesDns()
                        .decide(
                                Phase.HELO,
                                (session, hello) -> {
                                    CompletableFuture<Void> _ =
                                            session.dns(DnsType.A, hello.name())
                                                    .thenAcceptAsync(
                                                            _ -> {
                                                                seen.add("answer");
                                                                done.countDown();
                                                            },
                                                            session);
                                    seen.add("helo");
                                    return Decision.proceed();
                                });
        try (FakeDaemon daemon = FakeDaemon.run(filter)) {
            assertEquals("proceed", daemon.client("192.0.2.1").helo("a.example"));
            assertTrue(done.await(10, TimeUnit.SECONDS));
        }
        assertEquals(List.of("helo", "answer"), seen);
    }

    @Test
    void withoutADeclarationNothingIsAsked() throws Exception {
        Filter filter =
                Filter.named("test")
                        .decide(
                                Phase.HELO,
                                (session, _) -> {
                                    assertThrows(
                                            IllegalStateException.class,
                                            () -> session.dns(DnsType.A, "a.example"));
                                    return Decision.junk();
                                });
        try (FakeDaemon daemon = FakeDaemon.run(filter)) {
            assertEquals("junk", daemon.client("192.0.2.1").helo("x"));
        }
    }
}
