package smtpd.core.imsg;

import smtpd.core.mail.Bytes;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Strict reading of one payload: every length is checked against what is there, every choice
/// against what exists.
public final class FrameIn {
    /// Milliseconds that a time or duration may lie from zero, some 142,000 years: whoever adds a
    /// few of them up never overflows.
    private static final long TIME_MAX = 1L << 52;

    /// Room made for a list before its elements are seen to exist.
    private static final int LIST_ROOM = 1024;

    private final ByteBuffer bytes;

    /// @param payload the payload, position to limit; big-endian
    public FrameIn(ByteBuffer payload) {
        bytes = payload;
    }

    /// 8 bits, unsigned.
    public int u8() {
        need(1);
        return bytes.get() & 0xff;
    }

    /// 16 bits, unsigned.
    public int u16() {
        need(2);
        return bytes.getShort() & 0xffff;
    }

    /// 32 bits.
    public int u32() {
        need(4);
        return bytes.getInt();
    }

    /// 64 bits.
    public long i64() {
        need(8);
        return bytes.getLong();
    }

    /// A yes or no; any other value than 0 and 1 is a violation.
    public boolean bool() {
        return switch (u8()) {
            case 0 -> false;
            case 1 -> true;
            default -> throw new ImsgViolation("neither yes nor no");
        };
    }

    /// A text; malformed UTF-8 is a violation.
    public String text() {
        int length = count(1);
        if (bytes.hasArray() && ascii(length)) {
            String text =
                    new String(
                            bytes.array(),
                            bytes.arrayOffset() + bytes.position(),
                            length,
                            StandardCharsets.ISO_8859_1);
            bytes.position(bytes.position() + length);
            return text;
        }
        return utf8(length);
    }

    private boolean ascii(int length) {
        byte[] array = bytes.array();
        int from = bytes.arrayOffset() + bytes.position();
        for (int i = from; i < from + length; i++) {
            if (array[i] < 0) {
                return false;
            }
        }
        return true;
    }

    private String utf8(int length) {
        ByteBuffer part = bytes.slice(bytes.position(), length);
        bytes.position(bytes.position() + length);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(part)
                    .toString();
        } catch (CharacterCodingException e) {
            throw new ImsgViolation("text is not UTF-8");
        }
    }

    /// A run of bytes, copied.
    public Bytes bytes() {
        byte[] copy = new byte[count(1)];
        bytes.get(copy);
        return Bytes.of(copy);
    }

    /// One of `values` by ordinal.
    public <E extends Enum<E>> E choice(E[] values) {
        int ordinal = u8();
        if (ordinal >= values.length) {
            throw new ImsgViolation("no such choice: " + ordinal);
        }
        return values[ordinal];
    }

    /// A time in milliseconds; one beyond all calendars is a violation.
    public Instant instant() {
        return Instant.ofEpochMilli(millis());
    }

    /// A duration in milliseconds; one beyond all calendars is a violation.
    public Duration duration() {
        return Duration.ofMillis(millis());
    }

    private long millis() {
        long millis = i64();
        if (millis >= TIME_MAX || millis <= -TIME_MAX) {
            throw new ImsgViolation("time out of range");
        }
        return millis;
    }

    /// A count and each element.
    public <T> List<T> list(Function<FrameIn, T> reader) {
        int count = count(1);
        List<T> values = new ArrayList<>(Math.min(count, LIST_ROOM));
        for (int i = 0; i < count; i++) {
            values.add(reader.apply(this));
        }
        return List.copyOf(values);
    }

    /// A count and each text.
    public List<String> texts() {
        return list(FrameIn::text);
    }

    /// The violation of a type this edge does not have.
    public static ImsgViolation unknownType(int type) {
        return new ImsgViolation("message type " + type + " does not belong to this link");
    }

    /// Builds a value whose constructor may refuse what was read.
    public static <T> T valid(java.util.function.Supplier<T> value) {
        try {
            return value.get();
        } catch (IllegalArgumentException e) {
            throw new ImsgViolation("refused value");
        }
    }

    /// Demands that everything was read.
    public void end() {
        if (bytes.hasRemaining()) {
            throw new ImsgViolation(bytes.remaining() + " bytes too many");
        }
    }

    private int count(int elementSizeMin) {
        int count = u32();
        if (count < 0 || (long) count * elementSizeMin > bytes.remaining()) {
            throw new ImsgViolation("length " + count + " beyond the frame");
        }
        return count;
    }

    private void need(int count) {
        if (bytes.remaining() < count) {
            throw new ImsgViolation("frame ends early");
        }
    }
}
