package smtpd.e2e.crash;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/// A mail server that refuses each recipient: most at once, those called slow when it is told to.
final class Refuser implements AutoCloseable {
    private final ServerSocket listener =
            new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final CountDownLatch told = new CountDownLatch(1);
    private final CountDownLatch asked = new CountDownLatch(1);

    Refuser() throws IOException {
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /// Whether it was asked about a slow recipient.
    boolean wasAsked() {
        return asked.getCount() == 0;
    }

    /// Refuses the slow ones too, from now on.
    void speak() {
        told.countDown();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                // closed, or a connection that was gone at once
                Thread.onSpinWait();
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
            OutputStream out = socket.getOutputStream();
            say(out, "220 far.example ESMTP");
            String line;
            while ((line = in.readLine()) != null) {
                say(out, answer(line));
            }
        } catch (IOException e) {
            // the far end of a killed process
            Thread.onSpinWait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String answer(String line) throws InterruptedException {
        return switch (line.split(" ", 2)[0].toUpperCase(Locale.ROOT)) {
            case "EHLO" -> "250 far.example";
            case "RCPT" -> {
                if (line.contains("slow")) {
                    asked.countDown();
                    told.await();
                    yield "552 5.2.2 mailbox is full";
                }
                yield "550 5.1.1 no such user here";
            }
            case "DATA" -> "503 no recipients";
            case "QUIT" -> "221 bye";
            default -> "250 ok";
        };
    }

    private static void say(OutputStream out, String text) throws IOException {
        out.write((text + "\r\n").getBytes(US_ASCII));
        out.flush();
    }

    @Override
    public void close() throws IOException {
        speak();
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
