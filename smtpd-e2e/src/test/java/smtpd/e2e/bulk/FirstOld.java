package smtpd.e2e.bulk;

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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// A server that takes all mail, forgets it, and remembers when the first of each kind came.
final class FirstOld implements AutoCloseable {
    private static final int BACKLOG = 100;

    private final ServerSocket listener;
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final AtomicLong firstOverdue = new AtomicLong();
    private final AtomicInteger overdue = new AtomicInteger();
    private final AtomicInteger deferred = new AtomicInteger();
    private final AtomicInteger fresh = new AtomicInteger();

    private FirstOld(ServerSocket listener) {
        this.listener = listener;
    }

    static FirstOld start() throws IOException {
        FirstOld sink =
                new FirstOld(new ServerSocket(0, BACKLOG, InetAddress.ofLiteral("127.0.0.1")));
        Thread.ofVirtual().start(sink::accept);
        return sink;
    }

    int port() {
        return listener.getLocalPort();
    }

    /// When the first overdue message came, as [System#nanoTime], or 0.
    long firstOverdue() {
        return firstOverdue.get();
    }

    /// Waits for the first overdue message anew.
    void forget() {
        firstOverdue.set(0);
    }

    /// Overdue messages so far.
    int overdue() {
        return overdue.get();
    }

    /// Messages so far that are not due for days.
    int deferred() {
        return deferred.get();
    }

    /// Other messages so far.
    int fresh() {
        return fresh.get();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException _) {
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
        } catch (IOException _) {
            // the far end of a process that ended
            Thread.onSpinWait();
        } finally {
            open.remove(socket);
        }
    }

    private boolean answer(String line, BufferedReader in, OutputStream out) throws IOException {
        switch (line.split(" ", 2)[0].toUpperCase(Locale.ROOT)) {
            case "EHLO" -> say(out, "250-sink.example\r\n250 PIPELINING");
            case "DATA" -> {
                say(out, "354 go on");
                message(in);
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

    private void message(BufferedReader in) throws IOException {
        AtomicInteger kind = fresh;
        String line;
        while ((line = in.readLine()) != null && !line.equals(".")) {
            if (line.equals("Subject: " + Backlog.OVERDUE)) {
                firstOverdue.compareAndSet(0, System.nanoTime());
                kind = overdue;
            } else if (line.equals("Subject: deferred")) {
                kind = deferred;
            }
        }
        kind.incrementAndGet();
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
