package smtpd.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import smtpd.filter.testkit.FakeClient;
import smtpd.filter.testkit.FakeDaemon;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Content that flows through a filter.
class EditorTest {
    private static final String FAULT = "reject|451 4.3.0 Temporary failure";

    /// A filter like one that signs: nothing leaves it before the end, and then something stands in
    /// front of it.
    private static final class Signer implements Editor {
        private final HeldLines held = new HeldLines();
        private int count;

        @Override
        public void line(String line, Output out) throws Exception {
            count++;
            held.add(line);
        }

        @Override
        public Decision end(Output out) throws Exception {
            out.line("Signature: " + count);
            held.pourInto(out);
            return Decision.proceed();
        }

        @Override
        public void close() throws Exception {
            held.close();
        }
    }

    private static FakeClient sending(FakeDaemon daemon) {
        FakeClient client = daemon.client("192.0.2.1");
        client.connect();
        client.ehlo("client.example");
        client.mail("a@b.example");
        client.rcpt("c@d.example");
        client.data();
        return client;
    }

    @Test
    void whatPassesIsNotChanged() throws Exception {
        List<String> lines = List.of("", ".", "..", ". a", "|", "\u00e4\u00ff\u0001", "x\ry");
        try (FakeDaemon daemon =
                FakeDaemon.run(Filter.named("test").edit(_ -> (line, out) -> out.line(line)))) {
            assertTrue(daemon.asks(Phase.COMMIT), "or a fault could not be told");
            FakeClient client = sending(daemon);
            assertEquals(lines, client.content(lines));
            assertEquals("proceed", client.commit());
        }
    }

    @Test
    void linesCanBeAddedChangedAndLeftOut() throws Exception {
        Editor.Maker maker =
                session ->
                        (line, out) -> {
                            if (line.startsWith("Subject:")) {
                                out.line("X-Sender: " + session.sender());
                                out.line(line + "!");
                            } else if (!line.startsWith("X-Old:")) {
                                out.line(line);
                            }
                        };
        try (FakeDaemon daemon = FakeDaemon.run(Filter.named("test").edit(maker))) {
            FakeClient client = sending(daemon);
            assertEquals(
                    List.of("X-Sender: a@b.example", "Subject: hi!", "", "body"),
                    client.content("X-Old: 1", "Subject: hi", "", "body"));
        }
    }

    @Test
    void aLongMessageIsHeldUntilItsEnd() throws Exception {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            lines.add(i % 100 == 0 ? "" : "line " + i + " " + "x".repeat(i % 80));
        }
        try (FakeDaemon daemon = FakeDaemon.run(Filter.named("test").edit(_ -> new Signer()))) {
            FakeClient client = sending(daemon);
            List<String> back = client.content(lines);
            assertEquals("Signature: 20000", back.getFirst());
            assertEquals(lines, back.subList(1, back.size()));
            assertEquals("proceed", client.commit());
        }
    }

    @Test
    void eachMessageHasItsOwnEditorAndItIsClosed() throws Exception {
        AtomicInteger made = new AtomicInteger();
        AtomicInteger closed = new AtomicInteger();
        Editor.Maker maker =
                _ -> {
                    made.incrementAndGet();
                    return new Editor() {
                        @Override
                        public void line(String line, Output out) {
                            out.line(line);
                        }

                        @Override
                        public void close() {
                            closed.incrementAndGet();
                        }
                    };
                };
        try (FakeDaemon daemon = FakeDaemon.run(Filter.named("test").edit(maker))) {
            FakeClient client = daemon.client("192.0.2.1");
            client.connect();
            for (int i = 0; i < 3; i++) {
                assertEquals(List.of("x"), client.send("a@b", "c@d", "x"));
            }
            client.mail("a@b");
            client.beginContent().line("half a message");
            client.disconnect();
        }
        assertEquals(4, made.get());
        assertEquals(4, closed.get());
    }

    @Test
    void halfAnEditIsNeverTaken() throws Exception {
        Editor.Maker maker =
                _ ->
                        (line, out) -> {
                            if (line.equals("break")) {
                                throw new IllegalStateException("broken");
                            }
                            out.line(line);
                        };
        try (FakeDaemon daemon = FakeDaemon.run(Filter.named("test").edit(maker))) {
            FakeClient client = sending(daemon);
            assertEquals(List.of("a"), client.content("a", "break", "b"));
            assertEquals(FAULT, client.commit());
            assertEquals(List.of("fine"), client.send("a@b", "c@d", "fine"), "the next one");
            assertTrue(daemon.errors().contains(client.id() + " content: "), daemon.errors());
        }
    }

    @Test
    void aLineThatIsNoneIsAFault() throws Exception {
        for (String wrong : new String[] {"a\nb", "\u20ac"}) {
            try (FakeDaemon daemon =
                    FakeDaemon.run(
                            Filter.named("test").edit(_ -> (line, out) -> out.line(wrong)))) {
                FakeClient client = sending(daemon);
                assertEquals(List.of(), client.content("a"));
                assertEquals(FAULT, client.commit());
            }
        }
    }

    @Test
    void theEndOfTheContentDecides() throws Exception {
        Editor.Maker maker =
                _ ->
                        new Editor() {
                            private boolean bad;

                            @Override
                            public void line(String line, Output out) {
                                bad |= line.contains("virus");
                                out.line(line);
                            }

                            @Override
                            public Decision end(Output out) {
                                return bad
                                        ? Decision.reject("550 5.7.1 No viruses")
                                        : Decision.proceed();
                            }
                        };
        Filter filter =
                Filter.named("test")
                        .edit(maker)
                        .decide(Phase.COMMIT, (_, _) -> Decision.report("asked too"));
        try (FakeDaemon daemon = FakeDaemon.run(filter)) {
            FakeClient client = sending(daemon);
            client.content("virus");
            assertEquals("reject|550 5.7.1 No viruses", client.commit());
            FakeClient other = sending(daemon);
            other.content("none");
            assertEquals("report|asked too", other.commit());
        }
    }

    /// A filter like one that verifies: in the middle of the content it waits for DNS, whose answer
    /// comes behind more content than memory takes.
    @Test
    void contentComesOnWhileDnsIsWaitedFor() throws Exception {
        Editor.Maker maker =
                session ->
                        (line, out) -> {
                            if (line.startsWith("Key:")) {
                                String name = line.substring("Key: ".length());
                                out.line(session.dns(DnsType.TXT, name).join().toString());
                            } else {
                                out.line(line);
                            }
                        };
        try (FakeDaemon daemon = FakeDaemon.run(Filter.named("test").usesDns().edit(maker))) {
            daemon.dns().hold(DnsType.TXT, "key.example").answer(DnsType.TXT, "key.example", "k=1");
            FakeClient client = sending(daemon);
            FakeClient.Sending sending = client.beginContent();
            sending.line("Key: key.example");
            daemon.dns().awaitAsked(DnsType.TXT, "key.example", 1);
            String long1000 = "x".repeat(1000);
            for (int i = 0; i < 2000; i++) {
                sending.line(long1000);
            }
            CompletableFuture<List<String>> back = sending.end();
            FakeClient other = sending(daemon);
            assertEquals(List.of("quick"), other.content("quick"));
            assertFalse(back.isDone());
            daemon.dns().release(DnsType.TXT, "key.example");
            List<String> lines = back.get(20, TimeUnit.SECONDS);
            assertEquals("Found[values=[k=1]]", lines.getFirst());
            assertEquals(2001, lines.size());
            assertTrue(lines.stream().skip(1).allMatch(long1000::equals));
        }
    }

    @Test
    void aServerThatDoesNotReadIsNotReadFrom() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        AtomicInteger taken = new AtomicInteger();
        Editor.Maker maker =
                _ ->
                        (line, out) -> {
                            started.countDown();
                            taken.incrementAndGet();
                            out.line(line);
                        };
        java.nio.channels.Pipe in = java.nio.channels.Pipe.open();
        java.nio.channels.Pipe out = java.nio.channels.Pipe.open();
        Thread filter =
                Thread.ofPlatform()
                        .start(() ->
                                Filter.named("test")
                                        .edit(maker)
                                        .run(
                                                java.nio.channels.Channels.newInputStream(
                                                        in.source()),
                                                java.nio.channels.Channels.newOutputStream(
                                                        out.sink()),
                                                System.err,
                                                java.util.Map.of(),
                                                java.time.InstantSource.system()));
        byte[] head =
                "config|protocol|0.7\nconfig|subsystem|smtp-in\nconfig|ready\n"
                        .getBytes(StandardCharsets.US_ASCII);
        in.sink().write(java.nio.ByteBuffer.wrap(head));
        byte[] line =
                ("filter|0.7|1.000000|smtp-in|data-line|0000000000000001|0000000000000002|"
                                + "x".repeat(1000)
                                + "\n")
                        .getBytes(StandardCharsets.US_ASCII);
        in.sink().configureBlocking(false);
        long written = 0;
        int refused = 0;
        java.nio.ByteBuffer bytes = java.nio.ByteBuffer.wrap(line);
        while (refused < 200 && written < 50_000_000) {
            int count = in.sink().write(bytes);
            if (count == 0) {
                refused++;
                java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
            } else {
                refused = 0;
                written += count;
            }
            if (!bytes.hasRemaining()) {
                bytes.rewind();
            }
        }
        assertTrue(written < 5_000_000, "the server was held back after " + written);
        assertTrue(started.await(10, TimeUnit.SECONDS));
        out.source().close();
        in.sink().close();
        filter.join(10_000);
        assertFalse(filter.isAlive());
        assertTrue(taken.get() > 0);
    }
}
