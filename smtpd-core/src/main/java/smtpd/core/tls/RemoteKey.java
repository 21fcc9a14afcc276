package smtpd.core.tls;

import org.jspecify.annotations.Nullable;

import java.math.BigInteger;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.NamedParameterSpec;

/// A private key as whoever does not have it knows it: what kind it is, and who signs with it.
abstract sealed class RemoteKey implements PrivateKey {
    private static final long serialVersionUID = 1;

    private final String algorithm;
    private final String id;
    private final transient Signer signer;

    private RemoteKey(String algorithm, String id, Signer signer) {
        this.algorithm = algorithm;
        this.id = id;
        this.signer = signer;
    }

    /// The private key that belongs to `known`.
    ///
    /// @throws IllegalArgumentException for a kind of key that nobody signs handshakes with
    static RemoteKey of(PublicKey known, String id, Signer signer) {
        return switch (known) {
            case RSAPublicKey it -> new Rsa(it, id, signer);
            case ECPublicKey it -> new Ec(it, id, signer);
            case EdECPublicKey it -> new Ed(it, id, signer);
            default ->
                    throw new IllegalArgumentException(
                            "keys of kind " + known.getAlgorithm() + " are not supported");
        };
    }

    String id() {
        return id;
    }

    Signer signer() {
        return signer;
    }

    @Override
    public String getAlgorithm() {
        return algorithm;
    }

    @Override
    public @Nullable String getFormat() {
        return null;
    }

    @Override
    @SuppressWarnings("NullAway") // Key.getEncoded: null when a key has no encoding
    public byte[] getEncoded() {
        return null;
    }

    private static final class Rsa extends RemoteKey implements RSAKey {
        private static final long serialVersionUID = 1;
        private final BigInteger modulus;

        Rsa(RSAPublicKey known, String id, Signer signer) {
            super("RSA", id, signer);
            modulus = known.getModulus();
        }

        @Override
        public BigInteger getModulus() {
            return modulus;
        }

        @Override
        public @Nullable AlgorithmParameterSpec getParams() {
            return null;
        }
    }

    private static final class Ec extends RemoteKey implements ECKey {
        private static final long serialVersionUID = 1;
        private final transient ECParameterSpec params;

        Ec(ECPublicKey known, String id, Signer signer) {
            super("EC", id, signer);
            params = known.getParams();
        }

        @Override
        public ECParameterSpec getParams() {
            return params;
        }
    }

    private static final class Ed extends RemoteKey implements EdECKey {
        private static final long serialVersionUID = 1;
        private final transient NamedParameterSpec params;

        Ed(EdECPublicKey known, String id, Signer signer) {
            super("EdDSA", id, signer);
            params = known.getParams();
        }

        @Override
        public NamedParameterSpec getParams() {
            return params;
        }
    }
}
