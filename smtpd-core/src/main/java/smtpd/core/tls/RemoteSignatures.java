package smtpd.core.tls;

import org.jspecify.annotations.Nullable;

import java.security.Provider;
import java.security.Security;
import java.util.List;
import java.util.Map;

/// The provider of signatures with [RemoteKey]s, and with nothing else: any other key goes to the
/// runtime's own providers, which come before it and cannot use ours.
final class RemoteSignatures extends Provider {
    private static final long serialVersionUID = 1;

    private static final String NAME = "smtpd-ca";

    private static final List<String> ALGORITHMS =
            List.of(
                    "SHA256withRSA",
                    "SHA384withRSA",
                    "SHA512withRSA",
                    "RSASSA-PSS",
                    "SHA256withECDSA",
                    "SHA384withECDSA",
                    "SHA512withECDSA",
                    "Ed25519");

    private RemoteSignatures() {
        super(NAME, "1", "signatures by the process that has the keys");
        for (String algorithm : ALGORITHMS) {
            putService(new Remote(this, algorithm));
        }
        // what TLS calls the keys of that algorithm
        putService(new Remote(this, "EdDSA"));
    }

    /// Registers it, once for the whole process.
    static synchronized void register() {
        if (Security.getProvider(NAME) == null) {
            Security.addProvider(new RemoteSignatures());
        }
    }

    private static final class Remote extends Service {
        Remote(Provider provider, String algorithm) {
            super(
                    provider,
                    "Signature",
                    algorithm,
                    RemoteSignature.class.getName(),
                    List.of(),
                    Map.of());
        }

        @Override
        public Object newInstance(@Nullable Object parameter) {
            String algorithm = getAlgorithm();
            return new RemoteSignature(algorithm.equals("EdDSA") ? "Ed25519" : algorithm);
        }

        @Override
        public boolean supportsParameter(@Nullable Object key) {
            return key instanceof RemoteKey;
        }
    }
}
