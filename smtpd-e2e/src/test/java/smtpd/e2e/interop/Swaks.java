package smtpd.e2e.interop;

import smtpd.e2e.scenario.Distribution;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/// One run of swaks, which hands in a message with a subject of its own.
final class Swaks {
    private static final AtomicInteger SUBJECTS = new AtomicInteger();

    private final String subject = subject();
    private final List<String> command = new ArrayList<>();

    /// @param port of 127.0.0.1
    Swaks(int port) {
        command.add(Peer.program("swaks").toString());
        with("--server", "127.0.0.1", "--port", Integer.toString(port));
        with("--ehlo", "client.example.net", "--timeout", "60", "--h-Subject", subject);
    }

    /// A subject that no other message has, nor begins with.
    static String subject() {
        return "subject-" + SUBJECTS.incrementAndGet() + "-end";
    }

    Swaks with(String... options) {
        command.addAll(List.of(options));
        return this;
    }

    Swaks login(String mechanism, String user, String password) {
        return with("--auth", mechanism, "--auth-user", user, "--auth-password", password);
    }

    /// Says before all else that it is a proxy, and who its client is.
    Swaks proxy(String version, String client) {
        String family = version.equals("1") ? "TCP4" : "AF_INET";
        with("--proxy-version", version, "--proxy-family", family);
        with("--proxy-source", client, "--proxy-source-port", "4711");
        return with("--proxy-dest", "198.51.100.1", "--proxy-dest-port", "25");
    }

    /// The subject of its message.
    String itsSubject() {
        return subject;
    }

    /// Hands the message in.
    ///
    /// @param rcpts separated by commas
    Distribution.Result to(String rcpts) throws IOException, InterruptedException {
        with("--to", rcpts);
        return Distribution.run(command, Map.of(), new byte[0]);
    }
}
