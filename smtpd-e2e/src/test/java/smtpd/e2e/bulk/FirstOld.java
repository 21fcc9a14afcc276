package smtpd.e2e.bulk;

import smtpd.e2e.scenario.SimpleServer;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// A server that takes all mail, forgets it, and remembers when the first of each kind came.
final class FirstOld implements AutoCloseable {
    private final AtomicLong firstOverdue = new AtomicLong();
    private final AtomicInteger overdue = new AtomicInteger();
    private final AtomicInteger deferred = new AtomicInteger();
    private final AtomicInteger fresh = new AtomicInteger();
    private final SimpleServer server = SimpleServer.start(this::message);

    private FirstOld() throws IOException {}

    static FirstOld start() throws IOException {
        return new FirstOld();
    }

    int port() {
        return server.port();
    }

    /// When the first overdue message came, as [System#nanoTime], or 0.
    long firstOverdue() {
        return firstOverdue.get();
    }

    /// Waits for the first overdue message anew.
    void forget() {
        firstOverdue.set(0);
    }

    /// Overdue messages so far.
    int overdue() {
        return overdue.get();
    }

    /// Messages so far that are not due for days.
    int deferred() {
        return deferred.get();
    }

    /// Other messages so far.
    int fresh() {
        return fresh.get();
    }

    private String message(SimpleServer.Lines lines) throws IOException {
        AtomicInteger kind = fresh;
        String line;
        while ((line = lines.next()) != null) {
            if (line.equals("Subject: " + Backlog.OVERDUE)) {
                firstOverdue.compareAndSet(0, System.nanoTime());
                kind = overdue;
            } else if (line.equals("Subject: deferred")) {
                kind = deferred;
            }
        }
        kind.incrementAndGet();
        return "250 2.0.0 taken";
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
