package smtpd.core.tls;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.List;

import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;

/// The server's side of TLS, for one listener: its certificates, its terms, and its own session
/// tickets, which no other listener takes and which end with it. Thread-safe.
public final class ServerTls {
    /// How long a session can be resumed, in seconds: a client that sends several messages in a row
    /// gains, and a stolen ticket is soon worth nothing (RFC 9325 §3.4).
    private static final int RESUMABLE_SECONDS = 2 * 3600;

    /// Sessions kept for clients that cannot keep tickets.
    private static final int RESUMABLE_MAX = 1000;

    /// RFC 7301 §3.2: the protocol we speak, for clients that ask at all.
    private static final String ALPN = "smtp";

    private final SSLContext context;
    private final SSLParameters parameters;

    /// The terms of a listener.
    ///
    /// @param protocols see [Protocols#parse]
    /// @param ciphers see [Ciphers#parse]
    /// @param dhe whether suites with finite-field Diffie-Hellman are in force too
    /// @param verify whether the client must show a certificate that the anchors vouch for;
    ///   otherwise any or none will do
    public record Terms(List<String> protocols, List<String> ciphers, boolean dhe, boolean verify) {
        /// What is in force unless something else is configured.
        public static final Terms DEFAULT =
                new Terms(Protocols.SECURE, Ciphers.parse(""), false, false);

        public Terms {
            protocols = List.copyOf(protocols);
            ciphers = List.copyOf(ciphers);
        }
    }

    private ServerTls(SSLContext context, SSLParameters parameters) {
        this.context = context;
        this.parameters = parameters;
    }

    /// @param identities the first is the default
    /// @param signer has their private keys
    /// @param anchors vouch for clients; not needed unless they are verified
    /// @throws GeneralSecurityException if it cannot be done, with the reason
    public static ServerTls of(
            List<Identity> identities, Signer signer, @Nullable Anchors anchors, Terms terms)
            throws GeneralSecurityException {
        if (identities.isEmpty()) {
            throw new GeneralSecurityException("no certificate");
        }
        if (terms.verify && anchors == null) {
            throw new GeneralSecurityException("no trust anchor to verify clients with");
        }
        Jsse.prepare();
        SSLContext context = SSLContext.getInstance("TLS");
        TrustManager judge =
                terms.verify && anchors != null ? Judges.clientsOf(anchors) : Judges.everyone();
        context.init(
                new KeyManager[] {new Identities(identities, signer)},
                new TrustManager[] {judge},
                null);
        context.getServerSessionContext().setSessionTimeout(RESUMABLE_SECONDS);
        context.getServerSessionContext().setSessionCacheSize(RESUMABLE_MAX);
        SSLParameters parameters = Jsse.parameters(terms.protocols, terms.ciphers, terms.dhe);
        parameters.setUseCipherSuitesOrder(true);
        if (terms.verify) {
            parameters.setNeedClientAuth(true);
        } else {
            parameters.setWantClientAuth(true);
        }
        return new ServerTls(context, parameters);
    }

    /// Shakes hands with the client at the other end of `carrier`.
    ///
    /// @throws IOException if that fails: what the client is told, it has been told
    public TlsConnection accept(Carrier carrier) throws IOException {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        engine.setSSLParameters(parameters);
        // Whoever asks for another protocol than ours is not a mail client (RFC 7301 §3.2).
        engine.setHandshakeApplicationProtocolSelector(
                (_, offered) -> offered.contains(ALPN) ? ALPN : null);
        return TlsConnection.shakeHands(engine, carrier);
    }
}
