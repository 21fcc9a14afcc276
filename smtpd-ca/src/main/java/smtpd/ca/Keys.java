package smtpd.ca;

import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.StringReader;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.LinkedHashMap;
import java.util.Map;

/// The private keys by pki name.
final class Keys {
    private final Map<String, PrivateKey> keys = new LinkedHashMap<>();

    /// @param pems PEM text (PKCS#8, PKCS#1 or SEC 1) by pki name
    /// @throws IOException if one of them is not a private key
    static Keys of(Map<String, String> pems) throws IOException {
        Keys keys = new Keys();
        for (Map.Entry<String, String> pem : pems.entrySet()) {
            keys.keys.put(pem.getKey(), read(pem.getKey(), pem.getValue()));
        }
        return keys;
    }

    private static PrivateKey read(String name, String pem) throws IOException {
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            Object object;
            while ((object = parser.readObject()) != null) {
                PrivateKeyInfo key = privateKey(object);
                if (key != null) {
                    return new JcaPEMKeyConverter().getPrivateKey(key);
                }
            }
        }
        throw new IOException("pki " + name + ": no private key in its file");
    }

    private static @Nullable PrivateKeyInfo privateKey(Object object) {
        return switch (object) {
            case PEMKeyPair pair -> pair.getPrivateKeyInfo();
            case PrivateKeyInfo key -> key;
            default -> null;
        };
    }

    /// Whether there is a key of that name.
    boolean has(String name) {
        return keys.containsKey(name);
    }

    /// @param scheme the JCA name of the algorithm
    /// @throws GeneralSecurityException if the key does not fit the algorithm
    byte[] sign(String name, String scheme, byte[] content) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(scheme);
        signature.initSign(keys.get(name));
        signature.update(content);
        return signature.sign();
    }
}
