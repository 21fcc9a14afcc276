package smtpd.e2e.scenario;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;

/// A client that hands messages to the daemon, all of them in one session.
public final class Submitter implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader in;
    private final OutputStream out;

    /// Connects to 127.0.0.1 and says hello.
    public Submitter(int port) throws IOException {
        this("127.0.0.1", port);
    }

    /// Connects and says hello.
    ///
    /// @param address a literal
    public Submitter(String address, int port) throws IOException {
        socket = new Socket(InetAddress.ofLiteral(address), port);
        in = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
        out = socket.getOutputStream();
        answer("220");
        say("EHLO client.example", "250");
    }

    /// Hands over a short message from `sender@example.org`.
    public void message(List<String> rcpts) throws IOException {
        say("MAIL FROM:<sender@example.org>", "250");
        for (String rcpt : rcpts) {
            say("RCPT TO:<" + rcpt + ">", "250");
        }
        say("DATA", "354");
        say("Subject: test\r\n\r\ntext\r\n.", "250");
    }

    /// The same to one recipient, in a session of its own.
    public static void message(int port, String rcpt) throws IOException {
        try (Submitter submitter = new Submitter(port)) {
            submitter.message(List.of(rcpt));
        }
    }

    private void say(String line, String expected) throws IOException {
        out.write((line + "\r\n").getBytes(US_ASCII));
        answer(expected);
    }

    private void answer(String expected) throws IOException {
        String line = in.readLine();
        while (line != null && line.length() > 3 && line.charAt(3) == '-') {
            line = in.readLine();
        }
        if (line == null || !line.startsWith(expected)) {
            throw new IOException("not " + expected + ": " + line);
        }
    }

    @Override
    public void close() throws IOException {
        out.write("QUIT\r\n".getBytes(US_ASCII));
        socket.close();
    }
}
