package smtpd.queue.seal;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;

import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// A key of the queue: it wraps the keys of messages and is used for nothing else.
///
/// Its id is derived from it, so that a wrong key is known as wrong before anything is opened, and
/// an id can never name two keys.
public final class MasterKey {
    /// Bytes of a key.
    public static final int SIZE = 32;

    /// Bytes of the salt that makes each wrapping key new.
    static final int SALT = 16;

    private static final String AES = "AES";
    private static final byte[] NO_SALT = new byte[32];

    private final String name;
    private final SecretKey key;
    private final long id;

    /// A key of [#SIZE] bytes under the name the operator gave it; an empty name stands for the id.
    public MasterKey(String name, byte[] bytes) {
        if (bytes.length != SIZE) {
            throw new IllegalArgumentException("a queue key of " + bytes.length + " bytes");
        }
        key = new SecretKeySpec(bytes, "HKDF");
        id = java.nio.ByteBuffer.wrap(derive(NO_SALT, "smtpd queue key id", 8)).getLong();
        this.name = name.isEmpty() ? hex(id) : name;
    }

    /// What the operator calls it.
    public String name() {
        return name;
    }

    /// Which key it is: says nothing about its bytes.
    public long id() {
        return id;
    }

    /// An id as it is printed.
    public static String hex(long id) {
        return HexFormat.of().toHexDigits(id);
    }

    /// The key that wraps one message's keys.
    SecretKey wrapping(byte[] salt) {
        return new SecretKeySpec(derive(salt, "smtpd queue wrap", SIZE), AES);
    }

    private byte[] derive(byte[] salt, String info, int length) {
        try {
            return KDF.getInstance("HKDF-SHA256")
                    .deriveData(
                            HKDFParameterSpec.ofExtract()
                                    .addIKM(key)
                                    .addSalt(salt)
                                    .thenExpand(info.getBytes(StandardCharsets.US_ASCII), length));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HKDF", e);
        }
    }

    /// The name and the id only.
    @Override
    public String toString() {
        return name.equals(hex(id)) ? "key " + name : "key " + name + " (" + hex(id) + ")";
    }
}
