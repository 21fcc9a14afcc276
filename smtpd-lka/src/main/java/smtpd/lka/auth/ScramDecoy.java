package smtpd.lka.auth;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;
import smtpd.core.sasl.ScramKeys;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Keys of SCRAM for users who have none: always the same salt for the same name, so that nobody
/// learns from it which names there are (RFC 5802 §9), and keys that no proof fits.
///
/// The salts are made of a secret of the process; they change when it is started again.
final class ScramDecoy {
    private final byte[] secret = new byte[ScramKeys.KEY];

    ScramDecoy() {
        new SecureRandom().nextBytes(secret);
    }

    /// @param table the credentials the name is not in
    /// @param user the name
    /// @param like keys that are in that table, to resemble; null if none were seen yet
    ScramKeys keys(String table, String user, @Nullable ScramKeys like) {
        int length = like == null ? ScramKeys.SALT_NEW : like.salt().length();
        return new ScramKeys(
                like == null ? ScramKeys.ITERATIONS_NEW : like.iterations(),
                Bytes.of(salt(table + '\0' + user, length)),
                Bytes.of(hash("stored" + '\0' + table + '\0' + user)),
                Bytes.of(hash("server" + '\0' + table + '\0' + user)));
    }

    private byte[] salt(String name, int length) {
        byte[] salt = Arrays.copyOf(hash("salt" + '\0' + name), length);
        if (length > ScramKeys.KEY) {
            byte[] more = hash("more" + '\0' + name);
            System.arraycopy(more, 0, salt, ScramKeys.KEY, length - ScramKeys.KEY);
        }
        return salt;
    }

    private byte[] hash(String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
