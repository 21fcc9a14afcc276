package smtpd.e2e.crash;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.jspecify.annotations.Nullable;

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
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;

/// A mail server that takes everything and keeps it.
final class Sink implements AutoCloseable {
    private static final int BACKLOG = 100;

    private final ServerSocket listener;
    private final List<String> messages = new CopyOnWriteArrayList<>();
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final Predicate<String> silent;
    private final Semaphore answers = new Semaphore(0);

    private Sink(ServerSocket listener, Predicate<String> silent) {
        this.listener = listener;
        this.silent = silent;
    }

    /// One that answers always.
    static Sink start() throws IOException {
        return start(message -> false);
    }

    /// One that takes messages whole and does not say so until it is told to.
    static Sink silent() throws IOException {
        return start(message -> true);
    }

    /// One that answers always but about messages that hold a text.
    static Sink silentAbout(String text) throws IOException {
        return start(message -> message.contains(text));
    }

    private static Sink start(Predicate<String> silent) throws IOException {
        Sink sink =
                new Sink(new ServerSocket(0, BACKLOG, InetAddress.ofLiteral("127.0.0.1")), silent);
        Thread.ofVirtual().start(sink::accept);
        return sink;
    }

    int port() {
        return listener.getLocalPort();
    }

    /// The messages so far, as they came.
    List<String> messages() {
        return List.copyOf(messages);
    }

    /// Answers from now on.
    void speak() {
        answers.release(Integer.MAX_VALUE / 2);
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
            say(out, "220 sink.example ESMTP");
            String line;
            while ((line = in.readLine()) != null && answer(line, in, out)) {
                // one command after the other
            }
        } catch (IOException e) {
            // the far end of a killed process
            Thread.onSpinWait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(socket);
        }
    }

    private boolean answer(String line, BufferedReader in, OutputStream out)
            throws IOException, InterruptedException {
        switch (line.split(" ", 2)[0].toUpperCase(Locale.ROOT)) {
            case "EHLO" -> say(out, "250-sink.example\r\n250 PIPELINING");
            case "DATA" -> {
                say(out, "354 go on");
                String message = message(in);
                if (message == null) {
                    return false;
                }
                messages.add(message);
                if (silent.test(message)) {
                    answers.acquire();
                }
                say(out, "250 2.0.0 taken");
            }
            case "QUIT" -> {
                say(out, "221 2.0.0 bye");
                return false;
            }
            default -> say(out, "250 2.0.0 fine");
        }
        return true;
    }

    private static @Nullable String message(BufferedReader in) throws IOException {
        StringBuilder message = new StringBuilder();
        String line;
        while ((line = in.readLine()) != null) {
            if (line.equals(".")) {
                return message.toString();
            }
            message.append(line.startsWith(".") ? line.substring(1) : line).append('\n');
        }
        return null;
    }

    private static void say(OutputStream out, String text) throws IOException {
        out.write((text + "\r\n").getBytes(US_ASCII));
        out.flush();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
