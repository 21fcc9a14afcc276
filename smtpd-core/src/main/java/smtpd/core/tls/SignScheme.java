package smtpd.core.tls;

import org.jspecify.annotations.Nullable;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Locale;
import java.util.Optional;

/// The ways in which a handshake is signed (RFC 8446 §4.2.3). None with SHA-1.
public enum SignScheme {
    RSA_PKCS1_SHA256("SHA256withRSA", 0),
    RSA_PKCS1_SHA384("SHA384withRSA", 0),
    RSA_PKCS1_SHA512("SHA512withRSA", 0),
    RSA_PSS_RSAE_SHA256("RSASSA-PSS", 256),
    RSA_PSS_RSAE_SHA384("RSASSA-PSS", 384),
    RSA_PSS_RSAE_SHA512("RSASSA-PSS", 512),
    ECDSA_SECP256R1_SHA256("SHA256withECDSA", 0),
    ECDSA_SECP384R1_SHA384("SHA384withECDSA", 0),
    ECDSA_SECP521R1_SHA512("SHA512withECDSA", 0),
    ED25519("Ed25519", 0);

    private final String algorithm;

    /// Bits of the hash of RSASSA-PSS; 0 for other algorithms.
    private final int pss;

    SignScheme(String algorithm, int pss) {
        this.algorithm = algorithm;
        this.pss = pss;
    }

    /// Its name in the registry of TLS.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The scheme of that name.
    public static Optional<SignScheme> of(String word) {
        for (SignScheme scheme : values()) {
            if (scheme.word().equals(word)) {
                return Optional.of(scheme);
            }
        }
        return Optional.empty();
    }

    /// The scheme of a JCA algorithm with its parameters.
    static Optional<SignScheme> of(String algorithm, @Nullable AlgorithmParameterSpec params) {
        int bits = 0;
        if (params instanceof PSSParameterSpec it) {
            bits =
                    switch (it.getDigestAlgorithm()) {
                        case "SHA-256" -> 256;
                        case "SHA-384" -> 384;
                        case "SHA-512" -> 512;
                        default -> -1;
                    };
        }
        for (SignScheme scheme : values()) {
            if (scheme.algorithm.equals(algorithm) && scheme.pss == bits) {
                return Optional.of(scheme);
            }
        }
        return Optional.empty();
    }

    /// Signs with a key that is at hand.
    ///
    /// @throws GeneralSecurityException if the key does not fit
    public byte[] sign(PrivateKey key, byte[] content) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(algorithm);
        if (pss > 0) {
            signature.setParameter(parameters());
        }
        signature.initSign(key);
        signature.update(content);
        return signature.sign();
    }

    /// RFC 8446 §4.2.3: MGF1 with the same hash, a salt of its length.
    private PSSParameterSpec parameters() {
        String hash = "SHA-" + pss;
        return new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), pss / 8, 1);
    }
}
