package smtpd.mta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import smtpd.core.imsg.DeliveryResult;
import smtpd.core.mail.SessionId;
import smtpd.core.stat.Statistics;
import smtpd.testkit.smtp.ScriptedServer;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Sessions against scripted servers.
abstract class MtaSessionFixture {
    static final String PLAIN =
            """
            S: 220 mx.test ESMTP
            C: EHLO client.example.org
            S: 250 mx.test
            """;
    static final String PIPELINED =
            """
            S: 220 mx.test ESMTP
            C: EHLO client.example.org
            S: 250-mx.test greets you
            S: 250-PIPELINING
            S: 250-SIZE 1000000
            S: 250-8BITMIME
            S: 250 DSN
            """;
    static final String ONE_MESSAGE =
            """
            C: MAIL FROM:<sender@example.org>
            C: RCPT TO:<a@dest.test>
            C: DATA
            S: 250 2.1.0 sender ok
            S: 250 2.1.5 rcpt ok
            S: 354 go
            CONTENT
            S: 250 2.0.0 taken
            """;

    static final String BYE = "C: QUIT\nS: 221 bye\n";

    /// A message to one recipient up to its content, the commands sent together.
    static final String GO =
            """
            C: MAIL
            C: RCPT
            C: DATA
            S: 250 ok
            S: 250 ok
            S: 354 go
            """;

    /// What sessions have counted.
    final Map<String, Long> counts = new ConcurrentHashMap<>();

    private final BlockingQueue<SessionReport> reports = new LinkedBlockingQueue<>();

    MtaSession open(ScriptedServer server, Scheme scheme, ContentSource content) {
        return open(server, scheme, content, phase -> Duration.ofSeconds(10), 25);
    }

    MtaSession open(
            ScriptedServer server,
            Scheme scheme,
            ContentSource content,
            Phase.Patience patience,
            int maxFailures) {
        return open(TcpTransport::connect, server.port(), scheme, content, patience, maxFailures);
    }

    MtaSession open(Transport.Connector connector, int port, Scheme scheme, ContentSource content) {
        return open(connector, port, scheme, content, phase -> Duration.ofSeconds(10), 25);
    }

    private MtaSession open(
            Transport.Connector connector,
            int port,
            Scheme scheme,
            ContentSource content,
            Phase.Patience patience,
            int maxFailures) {
        RouteKey route =
                new RouteKey(
                        "", "127.0.0.1", port, scheme, new RouteKey.Helo("client.example.org", ""));
        MtaSession.World world =
                new MtaSession.World(
                        connector,
                        content,
                        (table, address) -> Optional.empty(),
                        patience,
                        InstantSource.fixed(Samples.NOW),
                        counting());
        SessionPlan plan = new SessionPlan(new SessionId(7), route, "localhost", maxFailures, true);
        MtaSession session = new MtaSession(plan, world, reports::add);
        session.start();
        return session;
    }

    private Statistics counting() {
        return new Statistics() {
            @Override
            public void add(String key, long amount) {
                counts.merge(key, amount, Long::sum);
            }

            @Override
            public void set(String key, long value) {}

            @Override
            public void observe(String key, long micros) {}

            @Override
            public void ratio(String key, long part, long whole) {}

            @Override
            public void stamp(String key, java.time.Instant when) {}
        };
    }

    <T extends SessionReport> T next(Class<T> type) throws InterruptedException {
        SessionReport report = reports.poll(20, TimeUnit.SECONDS);
        return assertInstanceOf(type, report);
    }

    /// Opens a session, hands over tasks, and waits until it is at work.
    MtaSession busy(ScriptedServer server, ContentSource content, Task... tasks)
            throws InterruptedException {
        MtaSession session = open(server, Scheme.SMTP, content);
        for (Task task : tasks) {
            session.give(task);
        }
        next(SessionReport.Ready.class);
        return session;
    }

    /// Hands one task over to a server with a script, which is kept to, and returns what became of
    /// it.
    SessionReport.Finished deliver(String script, ContentSource content, Task task)
            throws IOException, InterruptedException {
        try (ScriptedServer server = ScriptedServer.start(script)) {
            SessionReport.Finished finished = deliver(server, content, task);
            server.await();
            assertEquals(List.of(), server.failures());
            return finished;
        }
    }

    /// Hands over one task, and returns what became of it.
    SessionReport.Finished deliver(ScriptedServer server, ContentSource content, Task task)
            throws InterruptedException {
        busy(server, content, task).finish();
        return next(SessionReport.Finished.class);
    }

    RouteVerdict verdict() throws InterruptedException {
        return next(SessionReport.Ended.class).verdict();
    }

    /// What the server could not be given.
    static DeliveryResult unfit(SessionReport.Finished finished) {
        assertEquals(1, finished.unfit().size(), finished.toString());
        return finished.unfit().getFirst();
    }

    static DeliveryResult only(SessionReport.Finished finished) {
        assertEquals(1, finished.results().size(), finished.toString());
        return finished.results().getFirst();
    }
}
