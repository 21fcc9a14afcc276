package smtpd.e2e.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import smtpd.testkit.tls.TestCa;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Consumer;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/// A client with the JDK's own TLS, which takes any certificate.
public final class Talk implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 60_000;

    private final SSLContext context;
    private Socket socket;
    private BufferedReader in;

    private Talk(SSLContext context, int port) throws IOException {
        this.context = context;
        socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = reader();
    }

    /// Sessions can be resumed by those that share a context.
    public static SSLContext context() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Anybody()}, null);
        return context;
    }

    /// As [#context], for a client that shows a certificate.
    static SSLContext contextOf(TestCa.Identity own) throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry("own", own.key(), new char[0], new Certificate[] {own.certificate()});
        KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
        managers.init(keys, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), new TrustManager[] {new Anybody()}, null);
        return context;
    }

    /// Connects in clear.
    public static Talk connect(int port) throws IOException, GeneralSecurityException {
        return new Talk(context(), port);
    }

    /// Connects with TLS from the first byte.
    static Talk secure(SSLContext context, int port, Consumer<SSLParameters> terms)
            throws IOException {
        Talk talk = new Talk(context, port);
        talk.shakeHands(terms);
        return talk;
    }

    /// Greets, asks for TLS, and greets again.
    static Talk startTls(int port) throws IOException, GeneralSecurityException {
        return startTls(context(), port);
    }

    static Talk startTls(SSLContext context, int port) throws IOException {
        return startTls(context, port, "");
    }

    /// As [#startTls(int)], behind what a proxy says first.
    public static Talk startTls(SSLContext context, int port, String proxy) throws IOException {
        Talk talk = new Talk(context, port);
        talk.send(proxy);
        talk.reply();
        talk.ask("EHLO client.example.net");
        talk.ask("STARTTLS");
        talk.shakeHands(terms -> {});
        talk.ask("EHLO client.example.net");
        return talk;
    }

    static Consumer<SSLParameters> asking(SNIServerName name) {
        return terms -> terms.setServerNames(List.of(name));
    }

    private BufferedReader reader() throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
    }

    private void shakeHands(Consumer<SSLParameters> terms) throws IOException {
        if (!(context.getSocketFactory().createSocket(socket, "127.0.0.1", socket.getPort(), true)
                instanceof SSLSocket secure)) {
            throw new IOException("no TLS");
        }
        SSLParameters parameters = secure.getSSLParameters();
        terms.accept(parameters);
        secure.setSSLParameters(parameters);
        secure.startHandshake();
        socket = secure;
        in = reader();
    }

    /// When the session of TLS began; the same for one that was resumed.
    long began() throws IOException {
        return tls().getSession().getCreationTime();
    }

    private SSLSocket tls() throws IOException {
        if (socket instanceof SSLSocket secure) {
            return secure;
        }
        throw new IOException("in clear");
    }

    /// What the server showed.
    X509Certificate certificate() throws IOException {
        if (tls().getSession().getPeerCertificates()[0] instanceof X509Certificate shown) {
            return shown;
        }
        throw new IOException("another kind of certificate");
    }

    /// The name the server showed a certificate for.
    String subject() throws IOException {
        return certificate().getSubjectX500Principal().getName();
    }

    /// The next reply, its lines in one; what came before the end if it ended.
    public String reply() throws IOException {
        StringBuilder reply = new StringBuilder();
        String line = in.readLine();
        while (line != null) {
            reply.append(line).append('\n');
            if (line.length() < 4 || line.charAt(3) != '-') {
                return reply.toString();
            }
            line = in.readLine();
        }
        return reply + "closed";
    }

    /// Says a line; returns the reply.
    public String ask(String line) throws IOException {
        send(line + "\r\n");
        return reply();
    }

    /// Says something, line end and all.
    public void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
        socket.getOutputStream().flush();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private static final class Anybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind) {
            // nobody asks
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind) {
            // the test looks at it itself
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
