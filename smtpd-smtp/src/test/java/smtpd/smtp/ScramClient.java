package smtpd.smtp;

import smtpd.core.sasl.ScramKeys;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;

import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/// The client's side of SCRAM-SHA-256, by the JDK's own PBKDF2.
final class ScramClient {
    private ScramClient() {}

    /// The proof in base64.
    static String proof(String password, ScramKeys keys, String message) {
        try {
            PBEKeySpec spec =
                    new PBEKeySpec(
                            password.toCharArray(),
                            keys.salt().toByteArray(),
                            keys.iterations(),
                            256);
            byte[] salted =
                    SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                            .generateSecret(spec)
                            .getEncoded();
            byte[] key = hmac(salted, "Client Key");
            byte[] signature = hmac(MessageDigest.getInstance("SHA-256").digest(key), message);
            for (int i = 0; i < key.length; i++) {
                key[i] ^= signature[i];
            }
            return Base64.getEncoder().encodeToString(key);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    }
}
