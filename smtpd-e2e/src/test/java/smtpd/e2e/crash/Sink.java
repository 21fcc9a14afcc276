package smtpd.e2e.crash;

import smtpd.e2e.scenario.SimpleServer;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;

/// A mail server that takes everything and keeps it.
final class Sink implements AutoCloseable {
    private final List<String> messages = new CopyOnWriteArrayList<>();
    private final Semaphore answers = new Semaphore(0);
    private final Predicate<String> silent;
    private final SimpleServer server;

    private Sink(Predicate<String> silent) throws IOException {
        this.silent = silent;
        server = SimpleServer.start(this::take);
    }

    /// One that answers always.
    static Sink start() throws IOException {
        return new Sink(message -> false);
    }

    /// One that takes messages whole and does not say so until it is told to.
    static Sink silent() throws IOException {
        return new Sink(message -> true);
    }

    /// One that answers always but about messages that hold a text.
    static Sink silentAbout(String text) throws IOException {
        return new Sink(message -> message.contains(text));
    }

    int port() {
        return server.port();
    }

    /// The messages so far, as they came.
    List<String> messages() {
        return List.copyOf(messages);
    }

    /// Answers from now on.
    void speak() {
        answers.release(Integer.MAX_VALUE / 2);
    }

    private String take(SimpleServer.Lines lines) throws IOException, InterruptedException {
        StringBuilder text = new StringBuilder();
        String line;
        while ((line = lines.next()) != null) {
            text.append(line).append('\n');
        }
        String message = text.toString();
        messages.add(message);
        if (silent.test(message)) {
            answers.acquire();
        }
        return "250 2.0.0 taken";
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
