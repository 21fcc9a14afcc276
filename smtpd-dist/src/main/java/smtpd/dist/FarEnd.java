package smtpd.dist;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/// A server that takes every message and forgets it.
final class FarEnd implements AutoCloseable {
    private static final int BACKLOG = 50;

    private final ServerSocket server;
    private final AtomicInteger received = new AtomicInteger();

    private FarEnd(ServerSocket server) {
        this.server = server;
    }

    static FarEnd start() throws IOException {
        FarEnd far = new FarEnd(new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress()));
        Thread.ofPlatform().name("far end").daemon(true).start(far::accept);
        return far;
    }

    int port() {
        return server.getLocalPort();
    }

    /// Messages taken so far.
    int received() {
        return received.get();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread.ofPlatform().name("far end").daemon(true).start(() -> serve(socket));
            } catch (IOException _) {
                // closed, or one client lost: the count of messages tells
            }
        }
    }

    private void serve(Socket client) {
        try (Socket socket = client) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
            OutputStream out = socket.getOutputStream();
            say(out, "220 far.example ESMTP");
            String line;
            while ((line = in.readLine()) != null && !line.equals("QUIT")) {
                if (line.startsWith("EHLO")) {
                    say(out, "250-far.example\r\n250 PIPELINING");
                } else if (line.equals("DATA")) {
                    say(out, "354 go on");
                    skipContent(in);
                    say(out, "250 2.0.0 taken");
                    received.incrementAndGet();
                } else {
                    say(out, "250 2.0.0 ok");
                }
            }
        } catch (IOException _) {
            // the client is gone
        }
    }

    private static void skipContent(BufferedReader in) throws IOException {
        String line;
        do {
            line = in.readLine();
        } while (line != null && !line.equals("."));
    }

    private static void say(OutputStream out, String reply) throws IOException {
        out.write((reply + "\r\n").getBytes(US_ASCII));
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
