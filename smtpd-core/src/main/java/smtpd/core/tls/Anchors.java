package smtpd.core.tls;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/// Certificates that are believed without anybody vouching for them, and the judgement of chains by
/// them (RFC 5280 §6).
public final class Anchors {
    private final List<X509Certificate> certificates;
    private final X509TrustManager judge;

    private Anchors(List<X509Certificate> certificates, X509TrustManager judge) {
        this.certificates = certificates;
        this.judge = judge;
    }

    /// Those certificates, and no others.
    ///
    /// @throws GeneralSecurityException if there is none, or one cannot be used
    public static Anchors of(List<X509Certificate> certificates) throws GeneralSecurityException {
        if (certificates.isEmpty()) {
            throw new GeneralSecurityException("no trust anchor");
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        try {
            store.load(null, null);
        } catch (java.io.IOException e) {
            throw new GeneralSecurityException(e);
        }
        for (int i = 0; i < certificates.size(); i++) {
            store.setCertificateEntry("anchor" + i, certificates.get(i));
        }
        return new Anchors(List.copyOf(certificates), judge(store));
    }

    /// The trust anchors that the Java runtime comes with.
    public static Anchors ofRuntime() throws GeneralSecurityException {
        X509TrustManager judge = judge(null);
        return new Anchors(List.of(judge.getAcceptedIssuers()), judge);
    }

    @SuppressWarnings("NullAway") // TrustManagerFactory.init: null for the runtime's own anchors
    private static X509TrustManager judge(@org.jspecify.annotations.Nullable KeyStore store)
            throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        for (TrustManager one : factory.getTrustManagers()) {
            if (one instanceof X509TrustManager judge) {
                return judge;
            }
        }
        throw new GeneralSecurityException("no PKIX");
    }

    /// The anchors themselves.
    public List<X509Certificate> certificates() {
        return certificates;
    }

    /// What is wrong with a chain that a server shows, whoever it should be; empty if nothing is.
    public Optional<String> problemOfServer(List<X509Certificate> chain) {
        return problem(chain, true);
    }

    /// What is wrong with a server that shows `chain` and should be one of `hosts`; empty if
    /// nothing is (RFC 9525 §6).
    public Optional<String> problemOfServer(List<X509Certificate> chain, List<String> hosts) {
        Optional<String> problem = problem(chain, true);
        if (problem.isPresent()) {
            return problem;
        }
        X509Certificate own = chain.getFirst();
        return hosts.stream().anyMatch(host -> Identity.isFor(own, host))
                ? Optional.empty()
                : Optional.of(
                        "the certificate is for "
                                + String.join(", ", Identity.names(own))
                                + ", not for "
                                + String.join(" or ", hosts));
    }

    /// What is wrong with a client that shows `chain`; empty if nothing is.
    public Optional<String> problemOfClient(List<X509Certificate> chain) {
        return problem(chain, false);
    }

    private Optional<String> problem(List<X509Certificate> chain, boolean server) {
        if (chain.isEmpty()) {
            return Optional.of("no certificate");
        }
        X509Certificate[] shown = chain.toArray(X509Certificate[]::new);
        try {
            if (server) {
                judge.checkServerTrusted(shown, "UNKNOWN");
            } else {
                judge.checkClientTrusted(shown, "UNKNOWN");
            }
            return Optional.empty();
        } catch (CertificateException e) {
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            return Optional.of(String.valueOf(cause.getMessage()));
        }
    }
}
