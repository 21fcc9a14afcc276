package smtpd.core.tls;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.List;

import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;

/// The client's side of TLS. It takes whatever certificate the server shows: whoever needs to know
/// who that is looks at [TlsConnection#peerChain] when the handshake is done, with
/// [Anchors#problemOfServer] or by other means, and closes the connection if it is not content.
/// Thread-safe.
public final class ClientTls {
    private final SSLContext context;
    private final SSLParameters parameters;

    private ClientTls(SSLContext context, SSLParameters parameters) {
        this.context = context;
        this.parameters = parameters;
    }

    /// @param identity the certificate to show to servers that ask for one; null for none
    /// @param signer has its private key; not asked without an identity
    /// @param protocols see [Protocols#parse]
    /// @param ciphers see [Ciphers#parse]
    /// @throws GeneralSecurityException if it cannot be done, with the reason
    public static ClientTls of(
            @Nullable Identity identity,
            Signer signer,
            List<String> protocols,
            List<String> ciphers)
            throws GeneralSecurityException {
        Jsse.prepare();
        SSLContext context = SSLContext.getInstance("TLS");
        List<Identity> own = identity == null ? List.of() : List.of(identity);
        context.init(
                new KeyManager[] {new Identities(own, signer)},
                new TrustManager[] {Judges.everyone()},
                null);
        return new ClientTls(context, Jsse.parameters(protocols, ciphers, true));
    }

    /// Shakes hands with the server at the other end of `carrier`.
    ///
    /// @param host the name to ask for (RFC 6066 §3), without a dot at its end; empty for none, as
    ///   with a server known by its address only
    /// @throws IOException if that fails
    public TlsConnection connect(Carrier carrier, String host) throws IOException {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(true);
        engine.setSSLParameters(parameters);
        if (!host.isEmpty()) {
            SSLParameters own = engine.getSSLParameters();
            try {
                own.setServerNames(List.of(new SNIHostName(host)));
                engine.setSSLParameters(own);
            } catch (IllegalArgumentException _) {
                // not a name that can be asked for: without one
            }
        }
        return TlsConnection.shakeHands(engine, carrier);
    }
}
