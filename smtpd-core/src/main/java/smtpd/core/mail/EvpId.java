package smtpd.core.mail;

import java.util.HexFormat;

/// The 64-bit id of an envelope: its upper half is the message id; written as 16 hexadecimal
/// digits.
///
/// @param value the id
public record EvpId(long value) implements Comparable<EvpId> {
    /// Refuses an id whose message or envelope half is 0.
    public EvpId {
        if ((int) (value >>> 32) == 0 || (int) value == 0) {
            throw new IllegalArgumentException("envelope id with an empty half: " + Hex.of(value));
        }
    }

    /// Reads exactly 16 hexadecimal digits; throws [IllegalArgumentException] otherwise.
    public static EvpId parse(String hex) {
        if (hex.length() != 16) {
            throw new IllegalArgumentException("an envelope id is 16 hexadecimal digits");
        }
        return new EvpId(HexFormat.fromHexDigitsToLong(hex));
    }

    /// The message this envelope belongs to.
    public MsgId msgid() {
        return new MsgId((int) (value >>> 32));
    }

    @Override
    public int compareTo(EvpId other) {
        return Long.compareUnsigned(value, other.value);
    }

    @Override
    public String toString() {
        return Hex.of(value);
    }
}
