package smtpd.ca;

import smtpd.core.tls.KeyFile;
import smtpd.core.tls.SignScheme;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.SignatureException;
import java.util.LinkedHashMap;
import java.util.Map;

/// The private keys, by their names ([smtpd.core.tls.Identity#keyId]).
final class Keys {
    private final Map<String, PrivateKey> keys;

    private Keys(Map<String, PrivateKey> keys) {
        this.keys = keys;
    }

    /// @param pems PEM text by name
    /// @throws GeneralSecurityException if one of them is not a private key
    static Keys of(Map<String, String> pems) throws GeneralSecurityException {
        Map<String, PrivateKey> keys = new LinkedHashMap<>();
        for (Map.Entry<String, String> pem : pems.entrySet()) {
            keys.put(pem.getKey(), KeyFile.read(pem.getValue()));
        }
        return new Keys(keys);
    }

    /// @throws SignatureException if there is no such key, or it does not fit the scheme
    byte[] sign(String id, SignScheme scheme, byte[] content) throws SignatureException {
        PrivateKey key = keys.get(id);
        if (key == null) {
            throw new SignatureException("unknown key");
        }
        try {
            return scheme.sign(key, content);
        } catch (GeneralSecurityException e) {
            throw new SignatureException("the key cannot be used with that algorithm", e);
        }
    }
}
