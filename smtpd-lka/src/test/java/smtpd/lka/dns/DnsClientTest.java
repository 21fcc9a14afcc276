package smtpd.lka.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

class DnsClientTest {
    private Instant now = Instant.EPOCH;

    private DnsClient client(Duration timeout, TestServer... servers) {
        List<java.net.InetSocketAddress> addresses = new ArrayList<>();
        for (TestServer server : servers) {
            addresses.add(server.address());
        }
        return new DnsClient(new DnsSettings(addresses, timeout, 1), () -> now);
    }

    private static TestServer says(Function<Message, Optional<Message>> answers)
            throws IOException {
        return new TestServer(answers);
    }

    private static Record record(String name, int type, long ttl, String data) {
        try {
            return Record.fromString(
                    Name.fromString(name + "."), type, DClass.IN, ttl, data, Name.root);
        } catch (IOException e) {
            throw new IllegalArgumentException(name + " " + data, e);
        }
    }

    private static Function<Message, Optional<Message>> always(int rcode, Record... records) {
        return query -> Optional.of(TestServer.answer(query, rcode, Section.ANSWER, records));
    }

    private static DnsReply addresses(String... texts) {
        List<DnsRecord> records = new ArrayList<>();
        for (String text : texts) {
            records.add(new DnsRecord.Address(text));
        }
        return new DnsReply.Records(records);
    }

    private static DnsReply ask(DnsClient client, String name, RecordType type) {
        return client.ask(name, type).join();
    }

    @Test
    @DisplayName("F-74: an error while an answer is read is not kept by the future it came by")
    void anErrorOfAnAnswerIsNotLost() throws Exception {
        Error error = new OutOfMemoryError("unable to create native thread");
        CompletableFuture<Throwable> uncaught = new CompletableFuture<>();
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((_, thrown) -> uncaught.complete(thrown));
        AtomicInteger looks = new AtomicInteger();
        try (TestServer server =
                says(always(Rcode.NOERROR, record("a.example", Type.A, 60, "192.0.2.1")))) {
            DnsSettings settings =
                    new DnsSettings(List.of(server.address()), Duration.ofSeconds(20), 1);
            DnsClient client =
                    new DnsClient(
                            settings,
                            () -> {
                                if (looks.getAndIncrement() > 0) {
                                    throw error;
                                }
                                return now;
                            });
            CompletableFuture<DnsReply> reply = client.ask("a.example", RecordType.A);
            assertSame(error, uncaught.get(60, TimeUnit.SECONDS));
            assertFalse(reply.isDone());
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }

    @Test
    void answersAreReadAndKept() throws IOException {
        try (TestServer server =
                says(always(Rcode.NOERROR, record("a.example", Type.A, 60, "192.0.2.1")))) {
            DnsClient client = client(Duration.ofSeconds(20), server);
            assertEquals(addresses("192.0.2.1"), ask(client, "a.example", RecordType.A));
            assertEquals(addresses("192.0.2.1"), ask(client, "A.EXAMPLE", RecordType.A));
            assertEquals(List.of("udp a.example A"), server.asked());
            now = now.plusSeconds(60);
            assertEquals(addresses("192.0.2.1"), ask(client, "a.example", RecordType.A));
            assertEquals(2, server.asked().size());
        }
    }

    @Test
    @DisplayName("F-53 an answer cut short is asked for over TCP")
    void truncatedAnswerIsAskedForOverTcp() throws IOException {
        Record[] many = new Record[100];
        for (int i = 0; i < many.length; i++) {
            many[i] = record("a.example", Type.MX, 60, i + " host-number-" + i + ".example.");
        }
        try (TestServer server = says(always(Rcode.NOERROR, many))) {
            DnsClient client = client(Duration.ofSeconds(20), server);
            assertEquals(100, ask(client, "a.example", RecordType.MX).recordsOrNone().size());
            assertEquals(List.of("udp a.example MX", "tcp a.example MX"), server.asked());
        }
    }

    @Test
    @DisplayName("F-53 MX that is an alias: the alias is followed, in whatever order records stand")
    void aliasesAreFollowed() throws IOException {
        try (TestServer server =
                says(
                        always(
                                Rcode.NOERROR,
                                record("c.example", Type.A, 60, "192.0.2.3"),
                                record("evil.example", Type.A, 60, "198.51.100.66"),
                                record("b.example", Type.CNAME, 60, "c.example."),
                                record("a.example", Type.CNAME, 60, "b.example.")))) {
            DnsClient client = client(Duration.ofSeconds(20), server);
            assertEquals(addresses("192.0.2.3"), ask(client, "a.example", RecordType.A));
        }
    }

    @Test
    void aliasWithoutItsTargetIsAskedFurther() throws IOException {
        try (TestServer server =
                says(query ->
                        Optional.of(
                                TestServer.answer(
                                        query,
                                        Rcode.NOERROR,
                                        Section.ANSWER,
                                        query.getQuestion()
                                                        .getName()
                                                        .toString(true)
                                                        .equals("a.example")
                                                ? record("a.example", Type.CNAME, 60, "b.example.")
                                                : record("b.example", Type.A, 60, "192.0.2.2"))))) {
            DnsClient client = client(Duration.ofSeconds(20), server);
            assertEquals(addresses("192.0.2.2"), ask(client, "a.example", RecordType.A));
        }
    }

    @Test
    @DisplayName("F-53 aliases that lead round are not now")
    void aliasesThatLeadRound() throws IOException {
        try (TestServer server =
                says(
                        always(
                                Rcode.NOERROR,
                                record("a.example", Type.CNAME, 60, "b.example."),
                                record("b.example", Type.CNAME, 60, "a.example.")))) {
            DnsClient client = client(Duration.ofSeconds(20), server);
            assertInstanceOf(DnsReply.Tempfail.class, ask(client, "a.example", RecordType.A));
        }
    }

    @Test
    @DisplayName("F-53 NXDOMAIN and NODATA are told apart")
    void noNameAndNoData() throws IOException {
        Record soa = record("example", Type.SOA, 60, "ns.example. x.example. 1 2 3 4 60");
        try (TestServer server =
                says(query ->
                        Optional.of(
                                TestServer.answer(
                                        query,
                                        query.getQuestion().getType() == Type.A
                                                ? Rcode.NXDOMAIN
                                                : Rcode.NOERROR,
                                        Section.AUTHORITY,
                                        soa)))) {
            DnsClient client = client(Duration.ofSeconds(20), server);
            assertEquals(new DnsReply.NoName(), ask(client, "a.example", RecordType.A));
            assertEquals(new DnsReply.NoRecords(), ask(client, "a.example", RecordType.MX));
        }
    }

    @Test
    @DisplayName("F-53 SERVFAIL: the next server is asked; from all of them it is not now")
    void nextServerIsAsked() throws IOException {
        try (TestServer bad = says(always(Rcode.SERVFAIL));
                TestServer good =
                        says(always(Rcode.NOERROR, record("a.example", Type.A, 60, "192.0.2.1")))) {
            assertEquals(
                    addresses("192.0.2.1"),
                    ask(client(Duration.ofSeconds(20), bad, good), "a.example", RecordType.A));
            assertEquals(
                    new DnsReply.Tempfail("SERVFAIL"),
                    ask(client(Duration.ofSeconds(20), bad), "a.example", RecordType.A));
        }
    }

    @Test
    @DisplayName("F-54 a server that says nothing is not now, and is asked again")
    void silenceIsNotNow() throws IOException {
        try (TestServer server = says(_ -> Optional.empty())) {
            DnsClient client = client(Duration.ofMillis(50), server);
            assertInstanceOf(DnsReply.Tempfail.class, ask(client, "a.example", RecordType.A));
            assertInstanceOf(DnsReply.Tempfail.class, ask(client, "a.example", RecordType.A));
            assertEquals(2, server.asked().size());
        }
    }

    @Test
    @DisplayName("F-54 questions under way are shared and bounded")
    void questionsUnderWay() throws IOException {
        try (TestServer server = says(_ -> Optional.empty())) {
            DnsClient client = client(Duration.ofMinutes(1), server);
            CompletableFuture<DnsReply> first = client.ask("h0.example", RecordType.A);
            assertSame(first, client.ask("H0.example", RecordType.A));
            for (int i = 1; i < DnsClient.UNDER_WAY_MAX; i++) {
                CompletableFuture<DnsReply> other = client.ask("h" + i + ".example", RecordType.A);
                assertEquals(false, other.isDone());
            }
            assertInstanceOf(
                    DnsReply.Tempfail.class,
                    client.ask("one.too.many", RecordType.A).getNow(new DnsReply.NoName()));
        }
    }

    @Test
    void otherKindsOfRecords() throws IOException {
        try (TestServer server =
                says(
                        always(
                                Rcode.NOERROR,
                                record("a.example", Type.TXT, 60, "\"v=spf1 \" \"-all\""),
                                record("a.example", Type.AAAA, 60, "2001:db8:0:0:0:0:0:1"),
                                record("a.example", Type.PTR, 60, "host.example."),
                                record("a.example", Type.MX, 60, "0 .")))) {
            DnsClient client = client(Duration.ofSeconds(20), server);
            assertEquals(
                    List.of(new DnsRecord.Text("v=spf1 -all")),
                    ask(client, "a.example", RecordType.TXT).recordsOrNone());
            assertEquals(addresses("2001:db8::1"), ask(client, "a.example", RecordType.AAAA));
            assertEquals(
                    List.of(new DnsRecord.Pointer("host.example")),
                    ask(client, "a.example", RecordType.PTR).recordsOrNone());
            MailDns mail = new MailDns(client, HostsFile.parse(""));
            assertEquals(smtpd.core.imsg.DnsAnswer.NULL_MX, mail.exchangers("a.example").answer());
        }
    }

    @Test
    void whatIsNoNameIsNotAsked() throws IOException {
        try (TestServer server = says(_ -> Optional.empty())) {
            DnsClient client = client(Duration.ofSeconds(20), server);
            client.warmUp();
            assertEquals(
                    new DnsReply.NotAName(), ask(client, "x".repeat(64) + ".org", RecordType.A));
            assertEquals(new DnsReply.NotAName(), ask(client, "a..b", RecordType.A));
            assertEquals(List.of(), server.asked());
        }
    }
}
