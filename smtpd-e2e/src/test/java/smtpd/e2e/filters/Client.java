package smtpd.e2e.filters;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;

/// A dialogue with a server on 127.0.0.1: what is said, and the last line of each reply.
final class Client implements AutoCloseable {
    private static final int PATIENCE_MILLIS = (int) Duration.ofMinutes(2).toMillis();

    private final Socket socket = new Socket();
    private final BufferedReader in;
    private final String greeting;

    /// Connects and reads the greeting.
    Client(int port) throws IOException {
        socket.connect(
                new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), PATIENCE_MILLIS);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
        greeting = reply();
    }

    String greeting() {
        return greeting;
    }

    /// Says something; the reply, or "closed".
    String say(String text) throws IOException {
        socket.getOutputStream().write((text + "\r\n").getBytes(UTF_8));
        return reply();
    }

    private String reply() throws IOException {
        String line = in.readLine();
        while (line != null && line.length() > 3 && line.charAt(3) == '-') {
            line = in.readLine();
        }
        return line == null ? "closed" : line;
    }

    /// Whether the server has hung up.
    boolean isOver() throws IOException {
        return in.readLine() == null;
    }

    /// Greets and hands in a mail; the last reply.
    String mail(String sender, String rcpt, String text) throws IOException {
        say("EHLO client.example");
        String reply = say("MAIL FROM:<" + sender + ">");
        if (reply.startsWith("250")) {
            reply = say("RCPT TO:<" + rcpt + ">");
        }
        if (reply.startsWith("250")) {
            reply = say("DATA");
        }
        return reply.startsWith("354") ? say(text + "\r\n.") : reply;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
