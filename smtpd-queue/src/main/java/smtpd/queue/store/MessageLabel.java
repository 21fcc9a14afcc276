package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.conf.Compression;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.MsgId;
import smtpd.queue.seal.Keyring;
import smtpd.queue.seal.MasterKey;
import smtpd.queue.seal.MessageKeys;
import smtpd.queue.seal.SealException;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// How a message is packed: how compressed, whether sealed and with which keys, and what it is
/// unpacked.
///
/// Version, flags; then, sealed: the master key's id, a salt and the wrapped keys with size and
/// CRC-32C; not sealed: size and CRC-32C. A message stored as it came has no label.
///
/// @param compression how the content is compressed
/// @param keys the message's keys, null when it is not sealed
/// @param size the content's size in bytes, unpacked
/// @param crc32c the CRC-32C of the content, unpacked
record MessageLabel(Compression compression, @Nullable MessageKeys keys, long size, int crc32c) {
    private static final byte VERSION = 1;
    private static final int GZIP = 1;
    private static final int SEALED = 2;
    private static final int ZSTD = 4;
    private static final int HEADER = 2;
    private static final int FACTS = 12;

    private byte[] header() {
        int flags =
                switch (compression) {
                    case NONE -> 0;
                    case GZIP -> GZIP;
                    case ZSTD -> ZSTD;
                };
        return new byte[] {VERSION, (byte) (flags | (keys == null ? 0 : SEALED))};
    }

    /// How content is compressed; empty when the flags are none of ours.
    private static Optional<Compression> compression(int flags) {
        return switch (flags & ~SEALED) {
            case 0 -> Optional.of(Compression.NONE);
            case GZIP -> Optional.of(Compression.GZIP);
            case ZSTD -> Optional.of(Compression.ZSTD);
            default -> Optional.empty();
        };
    }

    /// Its bytes; sealed with the ring's current key.
    Bytes encode(MsgId message, Keyring ring, RandomGenerator random) {
        byte[] facts = ByteBuffer.allocate(FACTS).putLong(size).putInt(crc32c).array();
        byte[] rest =
                keys == null
                        ? facts
                        : keys.wrap(ring.current().orElseThrow(), message, header(), facts, random);
        byte[] label = Arrays.copyOf(header(), HEADER + rest.length);
        System.arraycopy(rest, 0, label, HEADER, rest.length);
        return Bytes.of(label);
    }

    /// Whether a label says that the message is sealed.
    static boolean isSealed(Bytes label) {
        return label.length() > HEADER && (label.array()[label.offset() + 1] & SEALED) != 0;
    }

    /// The id of the key that a sealed message's keys are wrapped with.
    static long keyId(Bytes label) throws SealException {
        byte[] bytes = label.toByteArray();
        return MessageKeys.wrappedBy(Arrays.copyOfRange(bytes, HEADER, bytes.length));
    }

    /// Reads a label that is not empty; throws [CorruptException] when it is none, [SealException]
    /// when its key is not known or it was changed.
    static MessageLabel decode(MsgId message, Bytes label, Keyring ring)
            throws CorruptException, SealException {
        byte[] bytes = label.toByteArray();
        if (bytes.length < HEADER + FACTS || bytes[0] != VERSION) {
            throw new CorruptException(unknown(message));
        }
        Compression compression =
                compression(bytes[1]).orElseThrow(() -> new CorruptException(unknown(message)));
        byte[] header = Arrays.copyOf(bytes, HEADER);
        byte[] rest = Arrays.copyOfRange(bytes, HEADER, bytes.length);
        MessageKeys keys = null;
        if ((bytes[1] & SEALED) != 0) {
            MessageKeys.Unwrapped unwrapped = MessageKeys.unwrap(ring, message, header, rest);
            keys = unwrapped.keys();
            rest = unwrapped.secret().toByteArray();
        }
        if (rest.length != FACTS) {
            throw new CorruptException(unknown(message));
        }
        ByteBuffer facts = ByteBuffer.wrap(rest);
        return new MessageLabel(compression, keys, facts.getLong(), facts.getInt());
    }

    private static String unknown(MsgId message) {
        return "message " + message + ": its label is not known";
    }

    /// A label for a human, without any key.
    static String describe(Bytes label) {
        if (label.length() < HEADER) {
            return "none";
        }
        int flags = label.array()[label.offset() + 1];
        Compression compression = compression(flags).orElse(Compression.NONE);
        String packed = compression == Compression.NONE ? "plain" : compression.word();
        try {
            return isSealed(label) ? packed + " sealed " + MasterKey.hex(keyId(label)) : packed;
        } catch (SealException e) {
            return e.getMessage() == null ? "" : e.getMessage();
        }
    }
}
