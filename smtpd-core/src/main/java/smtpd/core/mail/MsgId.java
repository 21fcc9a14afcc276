package smtpd.core.mail;

import java.util.HexFormat;

/// The 32-bit id of a message in the queue, never 0; written as 8 hexadecimal digits.
///
/// @param value the id
public record MsgId(int value) implements Comparable<MsgId> {
    /// Refuses 0, which stands for "no message" wherever a bare number is unavoidable.
    public MsgId {
        if (value == 0) {
            throw new IllegalArgumentException("message id 0");
        }
    }

    /// Reads exactly 8 hexadecimal digits; throws [IllegalArgumentException] otherwise.
    public static MsgId parse(String hex) {
        if (hex.length() != 8) {
            throw new IllegalArgumentException("a message id is 8 hexadecimal digits");
        }
        return new MsgId(HexFormat.fromHexDigits(hex));
    }

    /// The envelope of this message whose lower half is `low`; `low` must not be 0.
    public EvpId envelope(int low) {
        return new EvpId(((long) value << 32) | (low & 0xffffffffL));
    }

    @Override
    public int compareTo(MsgId other) {
        return Integer.compareUnsigned(value, other.value);
    }

    @Override
    public String toString() {
        return Hex.of(value);
    }
}
