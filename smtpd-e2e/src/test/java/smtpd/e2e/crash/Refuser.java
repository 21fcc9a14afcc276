package smtpd.e2e.crash;

import smtpd.e2e.scenario.SimpleServer;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;

/// A mail server that refuses each recipient: most at once, those called slow when it is told to.
final class Refuser implements SimpleServer.Manner, AutoCloseable {
    private final CountDownLatch told = new CountDownLatch(1);
    private final CountDownLatch asked = new CountDownLatch(1);
    private final SimpleServer server;

    Refuser() throws IOException {
        server = SimpleServer.start(this);
    }

    int port() {
        return server.port();
    }

    /// Whether it was asked about a slow recipient.
    boolean wasAsked() {
        return asked.getCount() == 0;
    }

    /// Refuses the slow ones too, from now on.
    void speak() {
        told.countDown();
    }

    @Override
    public String recipient(String command) throws InterruptedException {
        if (command.contains("slow")) {
            asked.countDown();
            told.await();
            return "552 5.2.2 mailbox is full";
        }
        return "550 5.1.1 no such user here";
    }

    @Override
    public String message(SimpleServer.Lines lines) {
        throw new IllegalStateException("a message without recipients");
    }

    @Override
    public void close() throws IOException {
        speak();
        server.close();
    }
}
