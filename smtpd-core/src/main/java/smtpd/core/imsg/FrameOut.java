package smtpd.core.imsg;

import smtpd.core.mail.Bytes;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.function.BiConsumer;

/// A growing buffer that frames are written to. Numbers are big-endian; texts and byte runs carry a
/// 32-bit length.
public final class FrameOut {
    private byte[] bytes;
    private int length;

    /// @param capacity bytes to begin with
    public FrameOut(int capacity) {
        bytes = new byte[capacity];
    }

    /// Bytes written so far.
    public int length() {
        return length;
    }

    /// The buffer; valid up to [#length()].
    public byte[] array() {
        return bytes;
    }

    /// Forgets what was written and keeps the buffer.
    public void clear() {
        length = 0;
    }

    /// A copy of what was written.
    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, length);
    }

    /// Appends the low 8 bits.
    public FrameOut u8(int value) {
        room(1);
        bytes[length++] = (byte) value;
        return this;
    }

    /// Appends the low 16 bits.
    public FrameOut u16(int value) {
        room(2);
        bytes[length++] = (byte) (value >> 8);
        bytes[length++] = (byte) value;
        return this;
    }

    /// Appends 32 bits.
    public FrameOut u32(int value) {
        room(4);
        patch(length, value);
        length += 4;
        return this;
    }

    /// Appends 64 bits.
    public FrameOut i64(long value) {
        u32((int) (value >>> 32));
        return u32((int) value);
    }

    /// Appends a yes or no.
    public FrameOut bool(boolean value) {
        return u8(value ? 1 : 0);
    }

    /// Appends a text as UTF-8.
    public FrameOut text(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        return raw(utf8, 0, utf8.length);
    }

    /// Appends a run of bytes.
    public FrameOut bytes(Bytes value) {
        return raw(value.array(), value.offset(), value.length());
    }

    /// Appends an enum by its ordinal: both ends are the same build.
    @SuppressWarnings("EnumOrdinal")
    public FrameOut choice(Enum<?> value) {
        return u8(value.ordinal());
    }

    /// Appends a time in milliseconds.
    public FrameOut instant(Instant value) {
        return i64(value.toEpochMilli());
    }

    /// Appends a duration in milliseconds.
    public FrameOut duration(Duration value) {
        return i64(value.toMillis());
    }

    /// Appends a count and each element.
    public <T> FrameOut list(Collection<T> values, BiConsumer<FrameOut, T> writer) {
        u32(values.size());
        for (T value : values) {
            writer.accept(this, value);
        }
        return this;
    }

    /// Appends a count and each text.
    public FrameOut texts(Collection<String> values) {
        return list(values, FrameOut::text);
    }

    /// Forgets what was written after an offset.
    void truncate(int offset) {
        length = offset;
    }

    /// Overwrites 32 bits at an offset already written.
    void patchU32(int offset, int value) {
        patch(offset, value);
    }

    private FrameOut raw(byte[] source, int offset, int count) {
        u32(count);
        room(count);
        System.arraycopy(source, offset, bytes, length, count);
        length += count;
        return this;
    }

    private void patch(int offset, int value) {
        bytes[offset] = (byte) (value >> 24);
        bytes[offset + 1] = (byte) (value >> 16);
        bytes[offset + 2] = (byte) (value >> 8);
        bytes[offset + 3] = (byte) value;
    }

    private void room(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }
}
