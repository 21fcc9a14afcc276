package smtpd.core.tls;

import org.jspecify.annotations.Nullable;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.IntStream;

import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

/// Chooses the certificate to show. A server shows the first that is for the name the client asks
/// for (RFC 6066 §3) and fits its algorithms; to a client that asks for no name, or one that none
/// is for, the first, or another that is for the same names. A name that is too long gets none.
final class Identities extends X509ExtendedKeyManager {
    /// Longest name (RFC 1035 §2.3.4): for a longer one there is no certificate, and the runtime
    /// would hand out tickets that are none.
    private static final int NAME_MAX = 255;

    private final List<Identity> identities;
    private final List<RemoteKey> keys;

    Identities(List<Identity> identities, Signer signer) {
        this.identities = List.copyOf(identities);
        keys =
                identities.stream()
                        .map(it ->
                                RemoteKey.of(it.certificate().getPublicKey(), it.keyId(), signer))
                        .toList();
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
        String asked = asked(engine);
        if (asked.length() > NAME_MAX) {
            return null;
        }
        List<Integer> candidates = named(asked);
        if (candidates.isEmpty() && !identities.isEmpty()) {
            List<String> names = identities.getFirst().names();
            candidates =
                    IntStream.range(0, identities.size())
                            .filter(i -> i == 0 || identities.get(i).names().equals(names))
                            .boxed()
                            .toList();
        }
        return ofKind(candidates, keyType);
    }

    private List<Integer> named(String asked) {
        return IntStream.range(0, identities.size())
                .filter(i -> !asked.isEmpty() && identities.get(i).isFor(asked))
                .boxed()
                .toList();
    }

    private @Nullable String ofKind(List<Integer> candidates, String keyType) {
        for (int i : candidates) {
            if (keys.get(i).getAlgorithm().equals(keyType)) {
                return Integer.toString(i);
            }
        }
        return null;
    }

    private static String asked(SSLEngine engine) {
        if (engine.getHandshakeSession() instanceof ExtendedSSLSession session) {
            for (SNIServerName name : session.getRequestedServerNames()) {
                if (name instanceof SNIHostName host) {
                    return host.getAsciiName();
                }
            }
        }
        return "";
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, SSLEngine engine) {
        for (String keyType : keyTypes) {
            String alias = ofKind(IntStream.range(0, keys.size()).boxed().toList(), keyType);
            if (alias != null) {
                return alias;
            }
        }
        return null;
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(@Nullable String alias) {
        return alias == null
                ? null
                : identities.get(Integer.parseInt(alias)).chain().toArray(X509Certificate[]::new);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(@Nullable String alias) {
        return alias == null ? null : keys.get(Integer.parseInt(alias));
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }

    @Override
    public @Nullable String chooseServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
