package smtpd.e2e.bulk;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.jspecify.annotations.Nullable;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;

/// A client with a new message.
final class Newcomer {
    private static final int PATIENCE_MILLIS = 60_000;

    private static final List<String> LINES =
            List.of(
                    "HELO client.example",
                    "MAIL FROM:<client@client.example>",
                    "RCPT TO:<new@far.example>",
                    "DATA",
                    "From: client@client.example\r\nSubject: new\r\n\r\nnew\r\n.");

    private Newcomer() {}

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    /// Whether a server greets.
    static boolean greeted(int port) {
        try (Socket socket = connect(port)) {
            return fine(reader(socket).readLine());
        } catch (IOException _) {
            return false;
        }
    }

    /// Hands in a message; whether it is taken.
    static boolean sent(int port) {
        try (Socket socket = connect(port)) {
            BufferedReader in = reader(socket);
            OutputStream out = socket.getOutputStream();
            boolean fine = fine(in.readLine());
            for (int i = 0; fine && i < LINES.size(); i++) {
                out.write((LINES.get(i) + "\r\n").getBytes(US_ASCII));
                out.flush();
                fine = fine(in.readLine());
            }
            return fine;
        } catch (IOException _) {
            return false;
        }
    }

    private static BufferedReader reader(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
    }

    private static boolean fine(@Nullable String reply) {
        return reply != null && !reply.isEmpty() && reply.charAt(0) <= '3';
    }
}
