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
import java.util.concurrent.CopyOnWriteArrayList;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/// A mail server with TLS from the first byte that speaks with nobody who does not show a
/// certificate of the authority; it takes one mail from each.
final class Asking implements AutoCloseable {
    private final SSLServerSocket listener;
    private final List<Guest> guests = new CopyOnWriteArrayList<>();

    /// Who has delivered a mail.
    ///
    /// @param certificate it showed
    /// @param protocol of TLS
    record Guest(X509Certificate certificate, String protocol) {}

    Asking(TestCa authority, TestCa.Identity own, String protocol)
            throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry("own", own.key(), new char[0], new Certificate[] {own.certificate()});
        KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
        managers.init(keys, new char[0]);
        KeyStore anchors = KeyStore.getInstance("PKCS12");
        anchors.load(null, null);
        anchors.setCertificateEntry("authority", authority.certificate());
        TrustManagerFactory judges = TrustManagerFactory.getInstance("PKIX");
        judges.init(anchors);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), judges.getTrustManagers(), null);
        if (!(context.getServerSocketFactory()
                        .createServerSocket(0, 10, InetAddress.ofLiteral("127.0.0.1"))
                instanceof SSLServerSocket made)) {
            throw new IOException("no TLS");
        }
        made.setNeedClientAuth(true);
        made.setEnabledProtocols(new String[] {protocol});
        listener = made;
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    List<Guest> guests() {
        return List.copyOf(guests);
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

    private void serve(Socket socket) {
        try (socket) {
            if (socket instanceof SSLSocket secure) {
                secure.startHandshake();
                talk(secure);
            }
        } catch (IOException _) {
            // it has no certificate, or is content
        }
    }

    private void talk(SSLSocket socket) throws IOException {
        BufferedReader in =
                new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
        say(socket, "220 asking.test ESMTP");
        String line = in.readLine();
        boolean content = false;
        while (line != null) {
            if (content) {
                content = !line.equals(".");
                if (!content
                        && socket.getSession().getPeerCertificates()[0]
                                instanceof X509Certificate shown) {
                    guests.add(new Guest(shown, socket.getSession().getProtocol()));
                    say(socket, "250 2.0.0 taken");
                    return;
                }
            } else if (line.equals("DATA")) {
                content = true;
                say(socket, "354 go");
            } else {
                say(socket, line.startsWith("QUIT") ? "221 2.0.0 bye" : "250 2.0.0 well");
            }
            line = in.readLine();
        }
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write((text + "\r\n").getBytes(ISO_8859_1));
        socket.getOutputStream().flush();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
