package smtpd.scheduler;

import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.Secret;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// How the names of destinations stand in the index: as they are or, where the queue is sealed,
/// sealed too.
///
/// A sealed name is the same each time, so that it can be looked for: the initialization vector of
/// its AES-CTR is the HMAC-SHA256 of type and name, which tells a changed one as well (the
/// construction of RFC 5297). Whoever reads the index learns which envelopes go to the same place,
/// and no place.
abstract sealed class ShelfNames {
    /// As they are.
    static final ShelfNames CLEAR = new Clear();

    /// Sealed with a key of 64 hexadecimal digits; in the clear when it is empty.
    static ShelfNames of(Secret key) {
        return key.text().isEmpty() ? CLEAR : new Sealed(HexFormat.of().parseHex(key.text()));
    }

    /// What stands in the head of the database: which key it is, 0 for none.
    abstract int mark();

    /// A name as it stands in the index.
    abstract String seal(DeliveryType type, String name);

    /// Undoes [#seal]; throws [IllegalArgumentException] when it was not made with the key.
    abstract String open(DeliveryType type, String sealed);

    private static final class Clear extends ShelfNames {
        @Override
        int mark() {
            return 0;
        }

        @Override
        String seal(DeliveryType type, String name) {
            return name;
        }

        @Override
        String open(DeliveryType type, String sealed) {
            return sealed;
        }
    }

    private static final class Sealed extends ShelfNames {
        private static final int VECTOR = 16;

        private final Mac mac;
        private final Cipher cipher;
        private final SecretKey key;
        private final int mark;

        Sealed(byte[] secret) {
            try {
                KDF kdf = KDF.getInstance("HKDF-SHA256");
                mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(derive(kdf, secret, "names mac", 32), "HmacSHA256"));
                cipher = Cipher.getInstance("AES/CTR/NoPadding");
                key = new SecretKeySpec(derive(kdf, secret, "names", 32), "AES");
                mark = ByteBuffer.wrap(derive(kdf, secret, "names id", 4)).getInt() | 1;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("AES", e);
            }
        }

        private static byte[] derive(KDF kdf, byte[] secret, String purpose, int length)
                throws GeneralSecurityException {
            return kdf.deriveData(
                    HKDFParameterSpec.expandOnly(
                            new SecretKeySpec(secret, "HKDF"), ascii(purpose), length));
        }

        private static byte[] ascii(String text) {
            return text.getBytes(StandardCharsets.US_ASCII);
        }

        @Override
        int mark() {
            return mark;
        }

        @Override
        String seal(DeliveryType type, String name) {
            byte[] plain = name.getBytes(StandardCharsets.UTF_8);
            byte[] vector = vector(type, plain);
            byte[] sealed = crypt(Cipher.ENCRYPT_MODE, vector, plain);
            byte[] both =
                    ByteBuffer.allocate(VECTOR + sealed.length).put(vector).put(sealed).array();
            return Base64.getUrlEncoder().withoutPadding().encodeToString(both);
        }

        @Override
        String open(DeliveryType type, String sealed) {
            ByteBuffer both = ByteBuffer.wrap(Base64.getUrlDecoder().decode(sealed));
            if (both.remaining() < VECTOR) {
                throw new IllegalArgumentException("a name is cut off");
            }
            byte[] vector = new byte[VECTOR];
            both.get(vector);
            byte[] rest = new byte[both.remaining()];
            both.get(rest);
            byte[] plain = crypt(Cipher.DECRYPT_MODE, vector, rest);
            if (!MessageDigest.isEqual(vector, vector(type, plain))) {
                throw new IllegalArgumentException("a name was changed");
            }
            return new String(plain, StandardCharsets.UTF_8);
        }

        private byte[] vector(DeliveryType type, byte[] name) {
            mac.update(ascii(type.word()));
            mac.update((byte) 0);
            return Arrays.copyOf(mac.doFinal(name), VECTOR);
        }

        private byte[] crypt(int mode, byte[] vector, byte[] bytes) {
            try {
                cipher.init(mode, key, new IvParameterSpec(vector));
                return cipher.doFinal(bytes);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("AES", e);
            }
        }
    }
}
