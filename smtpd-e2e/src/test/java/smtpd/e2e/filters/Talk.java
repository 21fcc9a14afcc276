package smtpd.e2e.filters;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// A session with a server on 127.0.0.1, told word by word.
public final class Talk implements AutoCloseable {
    private static final int PATIENCE_MILLIS = (int) Duration.ofSeconds(60).toMillis();

    private final Socket socket = new Socket();
    private final BufferedReader in;
    private final OutputStream out;
    private final String greeting;

    /// Connects and reads the greeting.
    public Talk(int port) throws IOException {
        this(port, new byte[0]);
    }

    /// Connects, says something first, and reads the greeting.
    ///
    /// @param first what a proxy says of the client
    public Talk(int port, byte[] first) throws IOException {
        socket.connect(
                new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), PATIENCE_MILLIS);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        in =
                new BufferedReader(
                        new InputStreamReader(
                                socket.getInputStream(), StandardCharsets.ISO_8859_1));
        out = socket.getOutputStream();
        out.write(first);
        greeting = reply();
    }

    /// The header of the PROXY protocol, version 2, for a client of IPv4.
    public static byte[] proxyHeader(InetAddress client) {
        return ByteBuffer.allocate(28)
                .put(new byte[] {13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10})
                .put(new byte[] {0x21, 0x11, 0, 12})
                .put(client.getAddress())
                .put(new byte[] {127, 0, 0, 1})
                .putShort((short) 4711)
                .putShort((short) 25)
                .array();
    }

    /// What the server said first.
    public String greeting() {
        return greeting;
    }

    /// Says a line, or several with `\n` between them; the last line of the reply.
    public String say(String text) throws IOException {
        String lines = text.replace("\n", "\r\n") + "\r\n";
        out.write(lines.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
        return reply();
    }

    /// Hands in a message; the reply that ended it.
    ///
    /// @param content with `\n` at the end of each line; dots need care
    public String send(String sender, String recipient, String content) throws IOException {
        String reply = say("MAIL FROM:<" + sender + ">");
        if (reply.startsWith("250")) {
            reply = say("RCPT TO:<" + recipient + ">");
        }
        if (reply.startsWith("250")) {
            reply = say("DATA");
        }
        return reply.startsWith("354") ? say(content + ".") : reply;
    }

    private String reply() throws IOException {
        String line = in.readLine();
        while (line != null && line.length() > 3 && line.charAt(3) == '-') {
            line = in.readLine();
        }
        if (line == null) {
            throw new IOException("the server hung up");
        }
        return line;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
