package smtpd.e2e.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// A mail server that writes down what it is told, for SMTP and LMTP.
///
/// It answers by the recipient: `later…` is put off with 451, `never…` is refused with 550, `lost…`
/// is taken and the connection dropped after the final dot, everybody else is taken. In LMTP,
/// `full…` is refused after the final dot. When it is told to be kind it takes everything. It may
/// have a limit for the recipients of a transaction, and a greeting of its own.
public final class FarEnd implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 60_000;

    private final ServerSocket listener;
    private final List<String> transcript = new CopyOnWriteArrayList<>();
    private final List<String> contents = new CopyOnWriteArrayList<>();
    private final List<Closeable> open = new CopyOnWriteArrayList<>();
    private volatile boolean kind;
    private volatile String greeting = "220 far.example ESMTP";
    private volatile int rcptMax = Integer.MAX_VALUE;
    private volatile String offer = "";
    private final AtomicInteger connections = new AtomicInteger();

    private FarEnd(ServerSocket listener) {
        this.listener = listener;
    }

    /// Starts one.
    ///
    /// @param address where; port 0 for any that is free
    public static FarEnd start(String address, int port) throws IOException {
        ServerSocket listener = new ServerSocket();
        listener.setReuseAddress(true);
        listener.bind(new InetSocketAddress(InetAddress.ofLiteral(address), port));
        FarEnd end = new FarEnd(listener);
        Thread.ofVirtual().start(end::accept);
        return end;
    }

    /// Serves at a socket in the file system too, open to everybody.
    public void alsoAt(Path path) throws IOException {
        ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        open.add(socket);
        socket.bind(UnixDomainSocketAddress.of(path));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
        Thread.ofVirtual().start(() -> accept(socket));
    }

    public int port() {
        return listener.getLocalPort();
    }

    /// The commands so far, each behind the number of its connection; recipients with the answer.
    public List<String> transcript() {
        return List.copyOf(transcript);
    }

    /// The messages so far.
    public List<String> contents() {
        return List.copyOf(contents);
    }

    /// Takes everything from now on, or not.
    public void kind(boolean on) {
        kind = on;
    }

    /// Greets from now on with this line, and hangs up if it is not 220.
    public void greeting(String line) {
        greeting = line;
    }

    /// Puts off more recipients than that in one transaction, with 452.
    ///
    /// @param said whether it says so before (RFC 9422)
    public void rcptMax(int most, boolean said) {
        offer = said ? "LIMITS RCPTMAX=" + most : "";
        rcptMax = most;
    }

    /// How many lines of the transcript are commands with this verb.
    public long count(String verb) {
        return transcript.stream().filter(it -> it.matches("[0-9]+ " + verb + "( .*)?")).count();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                open.add(socket);
                int number = connections.incrementAndGet();
                Thread.ofVirtual().start(() -> serve(socket, number));
            }
        } catch (IOException e) {
            transcript.add("closed");
        }
    }

    private void accept(ServerSocketChannel listening) {
        try {
            while (true) {
                SocketChannel channel = listening.accept();
                open.add(channel);
                int number = connections.incrementAndGet();
                Thread.ofVirtual().start(() -> serve(channel, number));
            }
        } catch (IOException e) {
            transcript.add("closed");
        }
    }

    private void serve(SocketChannel channel, int number) {
        try (channel) {
            InputStream in = Channels.newInputStream(channel);
            new Session(in, Channels.newOutputStream(channel), number).run();
        } catch (IOException e) {
            transcript.add(number + " lost: " + e.getMessage());
        }
    }

    private void serve(Socket socket, int number) {
        try (socket) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.setTcpNoDelay(true);
            new Session(socket.getInputStream(), socket.getOutputStream(), number).run();
        } catch (IOException e) {
            transcript.add(number + " lost: " + e.getMessage());
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Closeable each : open) {
            each.close();
        }
    }

    private final class Session {
        private final InputStream in;
        private final OutputStream out;
        private final int number;
        private final List<String> rcpts = new ArrayList<>();
        private boolean lmtp;

        Session(InputStream in, OutputStream out, int number) {
            this.in = new BufferedInputStream(in);
            this.out = out;
            this.number = number;
        }

        void run() throws IOException {
            say(greeting);
            if (!greeting.startsWith("220")) {
                transcript.add(number + " sent away");
                return;
            }
            String line;
            while ((line = line()) != null) {
                String verb = line.split(" ", 2)[0].toUpperCase(Locale.ROOT);
                if (verb.equals("RCPT")) {
                    recipient(line);
                    continue;
                }
                transcript.add(number + " " + line);
                if (verb.equals("QUIT")) {
                    say("221 2.0.0 bye");
                    return;
                }
                if (!answer(verb)) {
                    return;
                }
            }
        }

        private boolean answer(String verb) throws IOException {
            switch (verb) {
                case "EHLO", "LHLO" -> {
                    lmtp = verb.equals("LHLO");
                    say("250-far.example");
                    say("250-PIPELINING");
                    say("250-8BITMIME");
                    say("250-DSN");
                    if (!offer.isEmpty()) {
                        say("250-" + offer);
                    }
                    say("250 ENHANCEDSTATUSCODES");
                }
                case "DATA" -> {
                    return data();
                }
                case "RSET", "MAIL" -> {
                    rcpts.clear();
                    say("250 2.0.0 fine");
                }
                default -> say("250 2.0.0 fine");
            }
            return true;
        }

        private void recipient(String line) throws IOException {
            String rcpt = line.substring(line.indexOf('<') + 1, line.indexOf('>'));
            String answer = verdict(rcpt);
            if (answer.startsWith("2")) {
                rcpts.add(rcpt);
            }
            transcript.add(number + " " + line + " " + answer.substring(0, 3));
            say(answer);
        }

        private String verdict(String rcpt) {
            if (rcpts.size() >= rcptMax) {
                return "452 4.5.3 too many recipients";
            }
            if (kind) {
                return "250 2.1.5 fine";
            }
            String name = rcpt.startsWith("\"") ? rcpt.substring(1) : rcpt;
            if (name.startsWith("later")) {
                return "451 4.2.1 not now";
            }
            return name.startsWith("never") ? "550 5.1.1 no such user here" : "250 2.1.5 fine";
        }

        private boolean data() throws IOException {
            if (rcpts.isEmpty()) {
                say("554 5.5.1 no recipients");
                return true;
            }
            say("354 go on");
            StringBuilder content = new StringBuilder();
            String line;
            while ((line = line()) != null && !line.equals(".")) {
                content.append(line.startsWith(".") ? line.substring(1) : line).append('\n');
            }
            if (line == null || (!kind && rcpts.stream().anyMatch(it -> it.startsWith("lost")))) {
                return false;
            }
            contents.add(content.toString());
            for (String rcpt : lmtp ? List.copyOf(rcpts) : List.of("")) {
                boolean full = !kind && rcpt.startsWith("full");
                say(full ? "452 4.2.2 mailbox full" : "250 2.0.0 taken " + rcpt);
            }
            rcpts.clear();
            return true;
        }

        private void say(String text) throws IOException {
            out.write((text + "\r\n").getBytes(UTF_8));
            out.flush();
        }

        private @Nullable String line() throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            int octet;
            while ((octet = in.read()) != '\n') {
                if (octet < 0) {
                    return null;
                }
                if (octet != '\r') {
                    line.write(octet);
                }
            }
            return line.toString(UTF_8);
        }
    }
}
