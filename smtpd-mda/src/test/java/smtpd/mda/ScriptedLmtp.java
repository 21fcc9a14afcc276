package smtpd.mda;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// An LMTP server on loopback that says what it is told to and writes down what it hears.
///
/// The replies are taken in turn: one for the greeting, one for each command, and what follows the
/// content; the reply `-` closes the connection instead.
final class ScriptedLmtp implements AutoCloseable {
    final List<String> heard = Collections.synchronizedList(new ArrayList<>());
    final AtomicInteger connections = new AtomicInteger();
    private final ServerSocket server;
    private final List<List<String>> scripts;

    /// @param script the replies of the only connection
    ScriptedLmtp(List<String> script) throws IOException {
        this(script, List.of());
    }

    /// @param first the replies of the first connection
    /// @param second the replies of the second
    ScriptedLmtp(List<String> first, List<String> second) throws IOException {
        scripts = List.of(first, second);
        server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon(true).start(this::serve);
    }

    String destination() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    private void serve() {
        for (List<String> script : scripts) {
            try (Socket socket = server.accept()) {
                connections.incrementAndGet();
                converse(socket, script);
            } catch (IOException e) {
                heard.add("! " + e.getMessage());
                return;
            }
        }
    }

    private void converse(Socket socket, List<String> script) throws IOException {
        BufferedReader in =
                new BufferedReader(
                        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        OutputStream out = socket.getOutputStream();
        boolean content = false;
        for (String reply : script) {
            if (reply.equals("-")) {
                return;
            }
            out.write(reply.replace("|", "\r\n").concat("\r\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
            content = reply.startsWith("354");
            if (!hear(in, content)) {
                return;
            }
        }
    }

    private boolean hear(BufferedReader in, boolean content) throws IOException {
        String line;
        while ((line = in.readLine()) != null) {
            heard.add(line);
            if (!content || line.equals(".")) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
