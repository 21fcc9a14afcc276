package smtpd.queue.seal;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.random.RandomGenerator;

import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/// The keys of one message, fresh for it: one for its content, one for its envelopes.
///
/// Content is sealed in frames of [#FRAME] bytes, the last one shorter (STREAM: Hoang,
/// Reyhanitabar, Rogaway, Vizár, 2015): the nonce of a frame is its number and whether it is the
/// last, so that frames cannot be swapped, left out or cut off; the key is used for no other
/// message. Envelopes and states are sealed whole under random nonces, bound to the envelope's id,
/// to what they are and to how many states came before.
public final class MessageKeys {
    /// Bytes of content in a sealed frame: sealed, it still fits into what a store takes at once.
    public static final int FRAME = 32 * 1024;

    /// Bytes a sealed frame is longer than its content.
    public static final int FRAME_OVERHEAD = Aead.TAG;

    /// The first byte of a sealed item; an envelope in the clear begins with another.
    static final int SEALED = 0xE1;

    /// Bytes of a sealed item before what is sealed: the mark, its generation, a nonce.
    private static final int ITEM_PREFIX = 1 + 4 + Aead.NONCE;

    private static final int KEY = 32;
    private static final byte[] CONTENT = {'c'};

    /// What an item is.
    public enum Kind {
        /// An envelope as it was added.
        ENVELOPE('e'),
        /// A later state of an envelope.
        STATE('s');

        private final char letter;

        Kind(char letter) {
            this.letter = letter;
        }
    }

    private final byte[] bytes;
    private final SecretKey content;
    private final SecretKey items;

    private MessageKeys(byte[] bytes) {
        this.bytes = bytes;
        content = new SecretKeySpec(bytes, 0, KEY, "AES");
        items = new SecretKeySpec(bytes, KEY, KEY, "AES");
    }

    /// Fresh keys from a source that cannot be predicted.
    public static MessageKeys fresh(RandomGenerator random) {
        byte[] bytes = new byte[2 * KEY];
        random.nextBytes(bytes);
        return new MessageKeys(bytes);
    }

    private static byte[] bound(MsgId message, byte[] header, long keyId) {
        return ByteBuffer.allocate(header.length + 12)
                .put(header)
                .putInt(message.value())
                .putLong(keyId)
                .array();
    }

    /// Wraps the keys and `secret` with `master` for a message; `header` is bound in.
    public byte[] wrap(
            MasterKey master, MsgId message, byte[] header, byte[] secret, RandomGenerator random) {
        byte[] plain = Arrays.copyOf(bytes, bytes.length + secret.length);
        System.arraycopy(secret, 0, plain, bytes.length, secret.length);
        byte[] sealed = master.wrap(plain, bound(message, header, master.id()), random);
        return ByteBuffer.allocate(8 + sealed.length).putLong(master.id()).put(sealed).array();
    }

    /// The id of the key that wrapped; throws [SealException] when it is too short to say.
    public static long wrappedBy(byte[] wrapped) throws SealException {
        if (wrapped.length < 8 + MasterKey.OVERHEAD + 2 * KEY) {
            throw new SealException("wrapped keys are cut off");
        }
        return ByteBuffer.wrap(wrapped).getLong();
    }

    /// Unwraps what [#wrap] made; throws [SealException] when the key is not known or anything was
    /// changed.
    public static Unwrapped unwrap(Keyring ring, MsgId message, byte[] header, byte[] wrapped)
            throws SealException {
        long id = wrappedBy(wrapped);
        MasterKey master = ring.key(id).orElse(null);
        if (master == null) {
            throw new SealException("queue key " + MasterKey.hex(id) + " is not known");
        }
        byte[] plain = master.unwrap(wrapped, 8, bound(message, header, id));
        return new Unwrapped(
                new MessageKeys(Arrays.copyOf(plain, 2 * KEY)),
                Bytes.of(plain, 2 * KEY, plain.length - 2 * KEY));
    }

    /// Keys, and the secret that was wrapped with them.
    ///
    /// @param keys the keys
    /// @param secret the secret
    public record Unwrapped(MessageKeys keys, Bytes secret) {
        @Override
        public String toString() {
            return "Unwrapped[]";
        }
    }

    private static byte[] frameNonce(int number, boolean last) {
        return ByteBuffer.allocate(Aead.NONCE)
                .position(7)
                .putInt(number)
                .put((byte) (last ? 1 : 0))
                .array();
    }

    /// Seals a frame of content.
    byte[] sealFrame(int number, boolean last, byte[] frame, int length) {
        byte[] sealed = new byte[length + Aead.TAG];
        Bytes in = Bytes.of(frame, 0, length);
        Aead.seal(content, frameNonce(number, last), CONTENT, in, sealed, 0);
        return sealed;
    }

    /// Opens a frame of content.
    byte[] openFrame(int number, boolean last, byte[] frame, int length) throws SealException {
        return Aead.open(content, frameNonce(number, last), CONTENT, Bytes.of(frame, 0, length));
    }

    private static byte[] bound(EvpId id, Kind kind, int generation) {
        return ByteBuffer.allocate(13)
                .put((byte) kind.letter)
                .putLong(id.value())
                .putInt(generation)
                .array();
    }

    /// Seals an envelope, in generation 0, or a state of a later one.
    public Bytes sealItem(EvpId id, Kind kind, int generation, Bytes item, RandomGenerator random) {
        byte[] nonce = new byte[Aead.NONCE];
        random.nextBytes(nonce);
        byte[] sealed = new byte[ITEM_PREFIX + item.length() + Aead.TAG];
        ByteBuffer.wrap(sealed).put((byte) SEALED).putInt(generation).put(nonce);
        Aead.seal(items, nonce, bound(id, kind, generation), item, sealed, ITEM_PREFIX);
        return Bytes.of(sealed);
    }

    /// Whether bytes claim to be a sealed item.
    public static boolean isSealed(Bytes item) {
        return item.length() > 0 && (item.array()[item.offset()] & 0xff) == SEALED;
    }

    /// As [#isSealed(Bytes)].
    public static boolean isSealed(ByteBuffer item) {
        return item.hasRemaining() && (item.get(item.position()) & 0xff) == SEALED;
    }

    /// The generation that a sealed item claims to be of; 0 for one in the clear.
    public static int generation(Bytes item) {
        return isSealed(item) && item.length() >= ITEM_PREFIX
                ? ByteBuffer.wrap(item.array()).getInt(item.offset() + 1)
                : 0;
    }

    /// Opens what [#sealItem] made.
    public Bytes openItem(EvpId id, Kind kind, Bytes item) throws SealException {
        if (!isSealed(item) || item.length() < ITEM_PREFIX + Aead.TAG) {
            throw new SealException("it is not sealed");
        }
        int from = item.offset() + ITEM_PREFIX;
        byte[] nonce = Arrays.copyOfRange(item.array(), from - Aead.NONCE, from);
        Bytes in = Bytes.of(item.array(), from, item.length() - ITEM_PREFIX);
        return Bytes.of(Aead.open(items, nonce, bound(id, kind, generation(item)), in));
    }

    /// Nothing of the keys.
    @Override
    public String toString() {
        return "MessageKeys[]";
    }
}
