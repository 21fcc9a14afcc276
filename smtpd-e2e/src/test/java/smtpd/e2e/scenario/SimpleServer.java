package smtpd.e2e.scenario;

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

/// A mail server on a port of 127.0.0.1 that takes what it is told, one command after the other; in
/// what it does with recipients and messages, one differs from the other.
public final class SimpleServer implements AutoCloseable {
    private static final int BACKLOG = 100;
    private static final String FINE = "250 2.0.0 fine";

    /// What one does with what it is told.
    public interface Manner {
        /// The answer to a RCPT command.
        default String recipient(String command) throws InterruptedException {
            return FINE;
        }

        /// Reads a message and answers it.
        String message(Lines lines) throws IOException, InterruptedException;
    }

    /// The lines of a message as they come.
    public interface Lines {
        /// The next line, null after the last.
        ///
        /// @throws IOException when the message does not come to its end
        @Nullable String next() throws IOException;
    }

    private final ServerSocket listener = new ServerSocket(0, BACKLOG, loopback());
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final Manner manner;

    private SimpleServer(Manner manner) throws IOException {
        this.manner = manner;
    }

    /// Starts one.
    public static SimpleServer start(Manner manner) throws IOException {
        SimpleServer server = new SimpleServer(manner);
        Thread.ofVirtual().start(server::accept);
        return server;
    }

    private static InetAddress loopback() {
        return InetAddress.ofLiteral("127.0.0.1");
    }

    public int port() {
        return listener.getLocalPort();
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
            new Session(socket).run();
        } catch (IOException e) {
            // the far end of a process that ended
            Thread.onSpinWait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(socket);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
    }

    private final class Session {
        private final BufferedReader in;
        private final OutputStream out;
        private boolean taken;

        Session(Socket socket) throws IOException {
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
            out = socket.getOutputStream();
        }

        void run() throws IOException, InterruptedException {
            say("220 far.example ESMTP");
            String line;
            while ((line = in.readLine()) != null && answer(line)) {
                // one command after the other
            }
        }

        private boolean answer(String line) throws IOException, InterruptedException {
            switch (line.split(" ", 2)[0].toUpperCase(Locale.ROOT)) {
                case "EHLO" -> say("250-far.example\r\n250 PIPELINING");
                case "RCPT" -> {
                    String answer = manner.recipient(line);
                    taken |= answer.startsWith("2");
                    say(answer);
                }
                case "DATA" -> data();
                case "QUIT" -> {
                    say("221 2.0.0 bye");
                    return false;
                }
                default -> say(FINE);
            }
            return true;
        }

        private void data() throws IOException, InterruptedException {
            if (!taken) {
                say("503 5.5.1 no recipients");
                return;
            }
            taken = false;
            say("354 go on");
            say(manner.message(this::line));
        }

        private @Nullable String line() throws IOException {
            String line = in.readLine();
            if (line == null) {
                throw new IOException("closed within a message");
            }
            if (line.equals(".")) {
                return null;
            }
            return line.startsWith(".") ? line.substring(1) : line;
        }

        private void say(String text) throws IOException {
            out.write((text + "\r\n").getBytes(US_ASCII));
            out.flush();
        }
    }
}
