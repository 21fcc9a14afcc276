package smtpd.queue.seal;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.EvpId;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.random.RandomGenerator;

import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Which envelopes exist, each in which state, as one number: whoever has no key can neither make
/// the number of another set nor learn anything from it.
///
/// Each envelope adds a pseudo-random value of 128 bits that follows from its id and the generation
/// of its state (AES under a key of the roster's own); the sum is their exclusive or. It is the
/// multiset hash MSet-XOR-Hash of Clarke and others (2003) over sets, kept sealed.
///
/// For one thread at a time.
public final class Roster {
    private static final int KEY = 32;
    private static final int SIZE = KEY + 8 + 16 + 1;
    private static final int ID = 16;
    private static final byte[] NAMED = "smtpd queue witness".getBytes(StandardCharsets.US_ASCII);

    /// Changes of one run have room in 32 bits: years of some hundred in a second.
    private static final int RUN_BITS = 32;

    private static final byte[] BOUND = "smtpd queue roster".getBytes(StandardCharsets.US_ASCII);

    private final byte[] key;
    private final Cipher cipher;
    private long number;
    private long high;
    private long low;
    private boolean known = true;

    private Roster(byte[] key) {
        this.key = key;
        try {
            cipher = Cipher.getInstance("AES/ECB/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES", e);
        }
    }

    /// The roster of no envelope.
    public static Roster empty(RandomGenerator random) {
        byte[] key = new byte[KEY];
        random.nextBytes(key);
        return new Roster(key);
    }

    /// The roster of no envelope that can be compared with this one.
    public Roster emptied() {
        Roster other = new Roster(key);
        other.number = number;
        return other;
    }

    /// Which roster it is: 16 bytes that follow from its key and say nothing about it.
    public Bytes id() {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return Bytes.of(Arrays.copyOf(mac.doFinal(NAMED), ID));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HMAC", e);
        }
    }

    /// The number it was sealed under last; numbers ascend.
    public long number() {
        return number;
    }

    /// Numbers go on beyond its own and `other`, in a range that none of this roster's was in: one
    /// that was used before and lost is not used again.
    public void rise(long other) {
        number = ((Math.max(number, other) >>> RUN_BITS) + 1) << RUN_BITS;
    }

    /// A number as it is printed: the count of [#rise(long)], and the number in its range.
    public static String text(long number) {
        return (number >>> RUN_BITS) + "." + (number & ((1L << RUN_BITS) - 1));
    }

    /// An envelope in a generation of its state comes, or goes.
    public void turn(EvpId id, int generation) {
        byte[] block = ByteBuffer.allocate(16).putLong(id.value()).putInt(generation).array();
        try {
            cipher.doFinal(block, 0, block.length, block, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES", e);
        }
        ByteBuffer value = ByteBuffer.wrap(block);
        high ^= value.getLong();
        low ^= value.getLong();
    }

    /// What exists is not known any more: a change failed in a way that leaves it open.
    public void lose() {
        known = false;
    }

    /// Whether what exists is known.
    public boolean isKnown() {
        return known;
    }

    /// Whether it is of the same envelopes in the same states.
    public boolean matches(Roster other) {
        return high == other.high && low == other.low;
    }

    /// Its bytes, sealed with `master`; each time under another number.
    public Bytes seal(MasterKey master, RandomGenerator random) {
        byte[] plain =
                ByteBuffer.allocate(SIZE)
                        .put(key)
                        .putLong(++number)
                        .putLong(high)
                        .putLong(low)
                        .put((byte) (known ? 1 : 0))
                        .array();
        byte[] sealed = master.wrap(plain, BOUND, random);
        return Bytes.of(
                ByteBuffer.allocate(8 + sealed.length).putLong(master.id()).put(sealed).array());
    }

    /// Opens what [#seal] made; throws [SealException] when its key is not known or it was changed.
    public static Roster open(Keyring ring, Bytes sealed) throws SealException {
        byte[] bytes = sealed.toByteArray();
        if (bytes.length != 8 + MasterKey.OVERHEAD + SIZE) {
            throw new SealException("it is cut off");
        }
        long id = ByteBuffer.wrap(bytes).getLong();
        @Nullable MasterKey master = ring.key(id).orElse(null);
        if (master == null) {
            throw new SealException("queue key " + MasterKey.hex(id) + " is not known");
        }
        ByteBuffer plain = ByteBuffer.wrap(master.unwrap(bytes, 8, BOUND));
        byte[] key = new byte[KEY];
        plain.get(key);
        Roster roster = new Roster(key);
        roster.number = plain.getLong();
        roster.high = plain.getLong();
        roster.low = plain.getLong();
        roster.known = plain.get() == 1;
        return roster;
    }

    /// Nothing of its key.
    @Override
    public String toString() {
        return "Roster[" + number + "]";
    }
}
