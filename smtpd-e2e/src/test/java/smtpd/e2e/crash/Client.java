package smtpd.e2e.crash;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;

/// A client that hands in one message in one session.
///
/// @param port where the daemon listens, on 127.0.0.1
record Client(int port) {
    private static final int PATIENCE_MILLIS = (int) Duration.ofSeconds(60).toMillis();

    /// Hands in a letter.
    ///
    /// @return whether the final 250 came
    boolean send(Letter letter, List<String> rcpts) {
        return send("client@client.example", letter, rcpts);
    }

    /// Hands in a letter from a sender.
    ///
    /// @return whether the final 250 came
    boolean send(String sender, Letter letter, List<String> rcpts) {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port),
                    PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.setTcpNoDelay(true);
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
            return talk(sender, letter, rcpts, in, socket.getOutputStream());
        } catch (IOException e) {
            return false;
        }
    }

    /// Says a long word that changes nothing, over and over.
    void chatter(int times, String word) throws IOException {
        try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
            reply(in);
            say(in, socket.getOutputStream(), "EHLO client.example");
            socket.getOutputStream()
                    .write(("NOOP " + word + "\r\n").repeat(times).getBytes(US_ASCII));
            for (int i = 0; i < times; i++) {
                reply(in);
            }
        }
    }

    private static boolean talk(
            String sender, Letter letter, List<String> rcpts, BufferedReader in, OutputStream out)
            throws IOException {
        if (!reply(in).startsWith("220")
                || !say(in, out, "EHLO client.example").startsWith("250")
                || !say(in, out, "MAIL FROM:<" + sender + ">").startsWith("250")) {
            return false;
        }
        for (String rcpt : rcpts) {
            if (!say(in, out, "RCPT TO:<" + rcpt + ">").startsWith("250")) {
                return false;
            }
        }
        if (!say(in, out, "DATA").startsWith("354")) {
            return false;
        }
        return say(in, out, letter.text().replace("\n", "\r\n") + ".").startsWith("250");
    }

    private static String say(BufferedReader in, OutputStream out, String text) throws IOException {
        out.write((text + "\r\n").getBytes(US_ASCII));
        out.flush();
        return reply(in);
    }

    /// The last line of a reply.
    private static String reply(BufferedReader in) throws IOException {
        while (true) {
            String line = in.readLine();
            if (line == null) {
                throw new IOException("closed");
            }
            if (line.length() < 4 || line.charAt(3) != '-') {
                return line;
            }
        }
    }
}
