package smtpd.mta;

import smtpd.testkit.tls.TestCa;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/// A server that speaks enough SMTP, with STARTTLS and a certificate of the test's choice, and
/// takes everything; or that answers HTTPS requests with one text.
final class TlsServer implements AutoCloseable {
    private final ServerSocket listener =
            new ServerSocket(0, 10, InetAddress.ofLiteral("127.0.0.1"));
    private final SSLContext context = SSLContext.getInstance("TLS");
    private final List<String> heard = new CopyOnWriteArrayList<>();

    /// What EHLO answers in clear and encrypted, beside the name.
    volatile List<String> offersInClear = List.of("STARTTLS");

    volatile List<String> offersEncrypted = List.of("AUTH PLAIN LOGIN");

    /// The bytes that answer STARTTLS.
    volatile String startTlsReply = "220 2.0.0 go\r\n";

    /// Whether the handshake is answered with something else.
    volatile boolean garbage;

    /// Encrypted from the first byte; speaks SMTP.
    volatile boolean implicit;

    /// Asks for content and takes none until it is closed.
    volatile boolean stalls;

    private final CountDownLatch closed = new CountDownLatch(1);

    /// Answers to commands that are not the usual ones: by the line, or null.
    volatile UnaryOperator<String> answers = line -> "";

    /// The whole answer to any request, if it is HTTPS.
    volatile String http = "";

    TlsServer(TestCa.Identity identity, Certificate... above)
            throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        boolean own =
                identity.certificate()
                        .getIssuerX500Principal()
                        .equals(identity.certificate().getSubjectX500Principal());
        Certificate[] chain = new Certificate[own ? 1 : above.length + 1];
        chain[0] = identity.certificate();
        System.arraycopy(above, 0, chain, 1, chain.length - 1);
        keys.setKeyEntry("own", identity.key(), new char[0], chain);
        KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
        managers.init(keys, new char[0]);
        context.init(managers.getKeyManagers(), null, null);
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /// Every line, with `*` before those that came encrypted.
    List<String> heard() {
        return List.copyOf(heard);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException _) {
                return;
            }
        }
    }

    private void serve(Socket clear) {
        try (clear) {
            Socket socket = implicit ? encrypted(clear) : clear;
            if (!http.isEmpty()) {
                read(socket, line -> line.isEmpty());
                socket.getOutputStream().write(http.getBytes(StandardCharsets.UTF_8));
                socket.close();
                return;
            }
            say(socket, "220 mx.test ESMTP\r\n");
            if (dialogue(socket, implicit)) {
                say(socket, startTlsReply);
                if (garbage) {
                    socket.getInputStream().read();
                    say(socket, "nothing like TLS\r\n");
                    return;
                }
                dialogue(encrypted(socket), true);
            }
        } catch (IOException _) {
            // The client is content, or not.
        }
    }

    private SSLSocket encrypted(Socket socket) throws IOException {
        SSLSocket secure =
                (SSLSocket) context.getSocketFactory().createSocket(socket, null, 0, true);
        secure.setUseClientMode(false);
        secure.startHandshake();
        return secure;
    }

    private static void say(Socket socket, String text) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    private interface Until {
        boolean last(String line) throws IOException;
    }

    private void read(Socket socket, Until until) throws IOException {
        BufferedReader in =
                new BufferedReader(
                        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        String line = in.readLine();
        while (line != null && !until.last(line)) {
            line = in.readLine();
        }
    }

    private void stall() throws IOException {
        try {
            if (stalls) {
                closed.await();
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    /// True after STARTTLS.
    private boolean dialogue(Socket socket, boolean secure) throws IOException {
        boolean[] state = {false, false};
        read(
                socket,
                line -> {
                    if (state[0]) {
                        state[0] = !line.equals(".");
                        if (!state[0]) {
                            say(socket, "250 2.0.0 taken\r\n");
                        }
                        return false;
                    }
                    heard.add((secure ? "*" : "") + line);
                    String own = answers.apply(line);
                    if (!own.isEmpty()) {
                        say(socket, own + "\r\n");
                        return false;
                    }
                    String verb = line.split(" ", 2)[0];
                    switch (verb) {
                        case "EHLO" -> {
                            StringBuilder reply = new StringBuilder("250-mx.test\r\n");
                            for (String offer : secure ? offersEncrypted : offersInClear) {
                                reply.append("250-").append(offer).append("\r\n");
                            }
                            say(socket, reply + "250 ENHANCEDSTATUSCODES\r\n");
                        }
                        case "STARTTLS" -> state[1] = true;
                        case "DATA" -> {
                            state[0] = true;
                            say(socket, "354 go\r\n");
                            stall();
                        }
                        case "QUIT" -> say(socket, "221 bye\r\n");
                        default -> say(socket, "250 2.1.0 ok\r\n");
                    }
                    return state[1] || verb.equals("QUIT");
                });
        return state[1];
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        listener.close();
    }
}
