package smtpd.control.client;

import org.jspecify.annotations.Nullable;

import smtpd.control.World;
import smtpd.core.sys.Channels;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/// The smtp end of one session: answers each command as told, keeps what it hears.
final class SmtpEnd implements AutoCloseable {
    /// Commands as they came.
    final List<String> commands = new ArrayList<>();

    /// The lines of the message, dots still doubled.
    final List<String> message = new ArrayList<>();

    private final Map<String, String> replies = new TreeMap<>();
    private final Thread thread;
    private volatile World.@Nullable Handed handed;

    private SmtpEnd(World world, Map<String, String> different) {
        replies.put("", "220 mx.example.org ESMTP");
        replies.put("EHLO", "250-mx.example.org hello\r\n250-8BITMIME\r\n250 DSN");
        replies.put("MAIL", "250 2.0.0 Ok");
        replies.put("RCPT", "250 2.1.5 Ok");
        replies.put("DATA", "354 go on");
        replies.put(".", "250 2.0.0 0123abcd Message accepted for delivery");
        replies.put("QUIT", "221 2.0.0 Bye");
        replies.putAll(different);
        thread =
                Thread.ofPlatform()
                        .daemon(true)
                        .start(() -> {
                            try {
                                World.Handed taken = world.handed.take();
                                handed = taken;
                                serve(Channels.connected(taken.fd()));
                            } catch (IOException | InterruptedException e) {
                                commands.add("end: " + e.getMessage());
                            }
                        });
    }

    /// Serves the next session that is handed over.
    ///
    /// @param different replies by verb, `.` for the end of the message, empty for the greeting; an
    ///   empty reply hangs up
    static SmtpEnd of(World world, Map<String, String> different) {
        return new SmtpEnd(world, different);
    }

    private void serve(SocketChannel channel) throws IOException {
        try (channel) {
            BufferedReader in =
                    new BufferedReader(
                            new InputStreamReader(
                                    java.nio.channels.Channels.newInputStream(channel),
                                    StandardCharsets.UTF_8));
            OutputStream out = java.nio.channels.Channels.newOutputStream(channel);
            boolean on = reply(out, "");
            while (on) {
                String line = in.readLine();
                if (line == null) {
                    return;
                }
                commands.add(line);
                String verb = line.split(" ", 2)[0];
                on = reply(out, verb);
                if (verb.equals("DATA") && replies.getOrDefault("DATA", "").startsWith("3")) {
                    readMessage(in);
                    on = reply(out, ".");
                }
                on &= !verb.equals("QUIT");
            }
        }
    }

    private void readMessage(BufferedReader in) throws IOException {
        String line = in.readLine();
        while (line != null && !line.equals(".")) {
            message.add(line);
            line = in.readLine();
        }
    }

    private boolean reply(OutputStream out, String verb) throws IOException {
        String text = replies.getOrDefault(verb, "500 5.5.1 what?");
        out.write((text.isEmpty() ? "" : text + "\r\n").getBytes(StandardCharsets.UTF_8));
        return !text.isEmpty();
    }

    /// Waits for the end of the session.
    World.Handed finished() throws InterruptedException {
        thread.join();
        return Objects.requireNonNull(handed);
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
