package smtpd.e2e.tables;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;

/// What a server on 127.0.0.1 replies.
///
/// @param port where it listens
record Replies(int port) {
    private static final int PATIENCE_MILLIS = (int) Duration.ofSeconds(60).toMillis();

    /// The code of the reply to RCPT.
    int rcpt(String address) throws IOException {
        return Integer.parseInt(talk(address, false).substring(0, 3));
    }

    /// Hands in a small mail; the code of the last reply.
    int mail(String address) throws IOException {
        return Integer.parseInt(talk(address, true).substring(0, 3));
    }

    private String talk(String address, boolean whole) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port),
                    PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
            OutputStream out = socket.getOutputStream();
            expect("220", reply(in));
            expect("250", say(in, out, "EHLO client.example"));
            expect("250", say(in, out, "MAIL FROM:<client@client.example>"));
            String reply = say(in, out, "RCPT TO:<" + address + ">");
            if (whole && reply.startsWith("250")) {
                expect("354", say(in, out, "DATA"));
                reply = say(in, out, "Subject: x\r\n\r\nHello.\r\n.");
            }
            return reply;
        }
    }

    private static void expect(String code, String reply) throws IOException {
        if (!reply.startsWith(code)) {
            throw new IOException(reply + " in the place of " + code);
        }
    }

    private static String say(BufferedReader in, OutputStream out, String text) throws IOException {
        out.write((text + "\r\n").getBytes(US_ASCII));
        out.flush();
        return reply(in);
    }

    private static String reply(BufferedReader in) throws IOException {
        String line = in.readLine();
        while (line != null && line.length() > 3 && line.charAt(3) == '-') {
            line = in.readLine();
        }
        if (line == null) {
            throw new IOException("the server hung up");
        }
        return line;
    }
}
