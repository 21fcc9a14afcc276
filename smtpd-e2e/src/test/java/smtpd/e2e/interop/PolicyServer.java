package smtpd.e2e.interop;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;

import smtpd.testkit.tls.TestCa;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// A web server with the policies of some domains about their mail exchangers (RFC 8461 §3.3).
final class PolicyServer implements AutoCloseable {
    private static final int NOT_FOUND = 404;

    private final HttpsServer server;
    private final Map<String, String> policies;
    private final List<String> asked = new CopyOnWriteArrayList<>();

    private PolicyServer(HttpsServer server, Map<String, String> policies) {
        this.server = server;
        this.policies = policies;
    }

    /// Starts one.
    ///
    /// @param certificate what it shows
    /// @param policies by domain
    static PolicyServer start(
            InetSocketAddress place, TestCa.Identity certificate, Map<String, String> policies)
            throws IOException, GeneralSecurityException {
        HttpsServer server = HttpsServer.create(place, 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context(certificate)));
        PolicyServer made = new PolicyServer(server, policies);
        server.createContext("/.well-known/mta-sts.txt", made::answer);
        server.start();
        return made;
    }

    private static SSLContext context(TestCa.Identity certificate)
            throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        Certificate[] chain = {certificate.certificate()};
        keys.setKeyEntry("key", certificate.key(), new char[0], chain);
        KeyManagerFactory factory =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return context;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String domain =
                    exchange.getRequestHeaders().getFirst("Host").replaceFirst("^mta-sts[.]", "");
            asked.add(domain);
            String policy = policies.get(domain);
            if (policy == null) {
                exchange.sendResponseHeaders(NOT_FOUND, -1);
                return;
            }
            byte[] text = policy.getBytes(US_ASCII);
            exchange.getResponseHeaders().set("Content-Type", "text/plain");
            exchange.sendResponseHeaders(200, text.length);
            exchange.getResponseBody().write(text);
        }
    }

    /// The domains it was asked about so far.
    List<String> asked() {
        return List.copyOf(asked);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
