package smtpd.queue.seal;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

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

    /// Wrapping keys kept, each of some start of the queue: to derive one costs more than to use
    /// it.
    private static final int KEPT = 16;

    private static final String AES = "AES";
    private static final byte[] NO_SALT = new byte[32];

    private final String name;
    private final SecretKey key;
    private final long id;
    private final Map<ByteBuffer, SecretKey> derived = new LinkedHashMap<>(16, 0.75f, true);
    private @Nullable Wrapping wrapping;

    /// A wrapping key, and the number of its next use, which is its nonce.
    private static final class Wrapping {
        final byte[] salt;
        final SecretKey key;
        long next;

        Wrapping(byte[] salt, SecretKey key) {
            this.salt = salt;
            this.key = key;
        }
    }

    /// A key of [#SIZE] bytes under the name the operator gave it; an empty name stands for the id.
    public MasterKey(String name, byte[] bytes) {
        if (bytes.length != SIZE) {
            throw new IllegalArgumentException("a queue key of " + bytes.length + " bytes");
        }
        key = new SecretKeySpec(bytes, "HKDF");
        id = ByteBuffer.wrap(derive(NO_SALT, "smtpd queue key id", 8)).getLong();
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

    /// Bytes that [#wrap] makes longer.
    static final int OVERHEAD = SALT + 8 + Aead.TAG;

    /// Wraps `plain`, with `bound` bound in: a salt, a number, then what is sealed. The salt is one
    /// of this process, drawn from `random`; the number is used once with it.
    byte[] wrap(byte[] plain, byte[] bound, RandomGenerator random) {
        Wrapping with;
        long number;
        synchronized (derived) {
            with = wrapping;
            if (with == null) {
                byte[] salt = new byte[SALT];
                random.nextBytes(salt);
                with = new Wrapping(salt, derive(salt));
                wrapping = with;
                derived.put(ByteBuffer.wrap(salt), with.key);
            }
            number = with.next++;
        }
        byte[] wrapped = new byte[plain.length + OVERHEAD];
        ByteBuffer.wrap(wrapped).put(with.salt).putLong(number);
        Bytes in = Bytes.of(plain, 0, plain.length);
        Aead.seal(with.key, nonce(number), bound, in, wrapped, SALT + 8);
        return wrapped;
    }

    /// Unwraps what [#wrap] made, which is `wrapped` from `from` on.
    byte[] unwrap(byte[] wrapped, int from, byte[] bound) throws SealException {
        ByteBuffer in = ByteBuffer.wrap(wrapped, from, wrapped.length - from);
        byte[] salt = new byte[SALT];
        in.get(salt);
        long number = in.getLong();
        SecretKey with = kept(salt);
        byte[] plain =
                Aead.open(
                        with,
                        nonce(number),
                        bound,
                        Bytes.of(wrapped, in.position(), in.remaining()));
        // only what was opened is known to be of ours, and worth a place
        keep(salt, with);
        return plain;
    }

    private static byte[] nonce(long number) {
        return ByteBuffer.allocate(Aead.NONCE).putLong(Aead.NONCE - 8, number).array();
    }

    private SecretKey kept(byte[] salt) {
        synchronized (derived) {
            SecretKey known = derived.get(ByteBuffer.wrap(salt));
            if (known != null) {
                return known;
            }
        }
        return derive(salt);
    }

    private void keep(byte[] salt, SecretKey with) {
        synchronized (derived) {
            if (derived.putIfAbsent(ByteBuffer.wrap(salt), with) == null && derived.size() > KEPT) {
                Iterator<ByteBuffer> oldest = derived.keySet().iterator();
                oldest.next();
                oldest.remove();
            }
        }
    }

    private SecretKey derive(byte[] salt) {
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
