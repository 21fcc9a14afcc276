package smtpd.testkit.smtp;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A server on a loopback port that follows a script: one script for each connection, in order.
///
/// A script is lines of text:
///
/// ```
/// S: 220 hello              says a line
/// S: 250 one ¶ 250 two      says two lines in one segment
/// C: MAIL FROM:<a@b>        reads a line, which must begin with this
/// C                         reads a line, whatever it is
/// CONTENT                   reads up to and with the line that is a dot
/// DRIP 250 slow             says a line one byte at a time, a tenth of a second apart
/// CLOSE                     closes
/// HANG                      says nothing more until the client closes
/// STALL                     takes nothing more until the server is closed
/// ```
///
/// At its end a script waits for the client to close, reading no further line. What went otherwise
/// is told by [#failures()]. Closing the server closes its connections.
public final class ScriptedServer implements AutoCloseable {
    private static final int CLIENT_PATIENCE_MILLIS = 20_000;
    private static final long DRIP_MILLIS = 100;

    private final ServerSocket listener;
    private final List<List<String>> scripts;
    private final List<List<String>> heard = new CopyOnWriteArrayList<>();
    private final List<String> contents = new CopyOnWriteArrayList<>();
    private final List<String> failures = new CopyOnWriteArrayList<>();
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final CountDownLatch stalled = new CountDownLatch(1);
    private final List<Thread> threads = new CopyOnWriteArrayList<>();

    private ScriptedServer(List<List<String>> scripts) throws IOException {
        this.scripts = scripts;
        listener = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
        Thread thread = Thread.ofVirtual().unstarted(this::accept);
        threads.add(thread);
        thread.start();
    }

    /// Starts a server.
    ///
    /// @param scripts one for each connection that is expected
    public static ScriptedServer start(String... scripts) throws IOException {
        List<List<String>> parsed = new ArrayList<>();
        for (String script : scripts) {
            parsed.add(script.lines().filter(line -> !line.isBlank()).toList());
        }
        return new ScriptedServer(parsed);
    }

    /// Where it listens, on 127.0.0.1.
    public int port() {
        return listener.getLocalPort();
    }

    /// The command lines of each connection so far.
    public List<List<String>> heard() {
        return heard.stream().map(List::copyOf).toList();
    }

    /// The contents read so far, each with its final dot line, as they came.
    public List<String> contents() {
        return List.copyOf(contents);
    }

    /// Where clients did not keep to the script; empty if they did.
    public List<String> failures() {
        return List.copyOf(failures);
    }

    private void accept() {
        for (List<String> script : scripts) {
            try {
                Socket socket = listener.accept();
                open.add(socket);
                List<String> lines = new CopyOnWriteArrayList<>();
                heard.add(lines);
                Thread thread = Thread.ofVirtual().unstarted(() -> serve(socket, script, lines));
                threads.add(thread);
                thread.start();
            } catch (IOException _) {
                return;
            }
        }
    }

    private void serve(Socket socket, List<String> script, List<String> lines) {
        try (socket) {
            socket.setSoTimeout(CLIENT_PATIENCE_MILLIS);
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (String step : script) {
                if (step.equals("CLOSE")) {
                    return;
                }
                if (step.equals("HANG")) {
                    break;
                }
                if (step.equals("STALL")) {
                    stalled.await();
                    return;
                }
                follow(step, in, socket.getOutputStream(), lines);
            }
            in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException | InterruptedException e) {
            if (!listener.isClosed() && script.stream().noneMatch("HANG"::equals)) {
                failures.add(String.valueOf(e));
            }
        }
    }

    private void follow(String step, InputStream in, OutputStream out, List<String> lines)
            throws IOException, InterruptedException {
        if (step.startsWith("S: ")) {
            out.write(
                    (step.substring(3).replace(" ¶ ", "\r\n") + "\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            out.flush();
        } else if (step.startsWith("DRIP ")) {
            drip(step.substring("DRIP ".length()), out);
        } else if (step.equals("CONTENT")) {
            contents.add(content(in));
        } else if (step.equals("C") || step.startsWith("C: ")) {
            String line = line(in);
            lines.add(line);
            String expected = step.equals("C") ? "" : step.substring(3);
            if (!line.startsWith(expected)) {
                failures.add("expected " + expected + ", heard " + line);
            }
        } else {
            failures.add("unknown step: " + step);
        }
    }

    private static void drip(String text, OutputStream out)
            throws IOException, InterruptedException {
        for (byte one : (text + "\r\n").getBytes(StandardCharsets.UTF_8)) {
            out.write(one);
            out.flush();
            TimeUnit.MILLISECONDS.sleep(DRIP_MILLIS);
        }
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int c;
        while ((c = in.read()) != '\n') {
            if (c < 0) {
                throw new IOException("closed after: " + line.toString(StandardCharsets.UTF_8));
            }
            if (c != '\r') {
                line.write(c);
            }
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    private static String content(InputStream in) throws IOException {
        StringBuilder content = new StringBuilder();
        String line;
        do {
            line = line(in);
            content.append(line).append("\r\n");
        } while (!line.equals("."));
        return content.toString();
    }

    /// Waits until the connections of all scripts have ended.
    public void await() throws InterruptedException {
        for (int i = 0; i < threads.size(); i++) {
            threads.get(i).join(CLIENT_PATIENCE_MILLIS);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        stalled.countDown();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
