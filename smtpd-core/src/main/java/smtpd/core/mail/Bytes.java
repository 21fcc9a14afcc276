package smtpd.core.mail;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// An immutable run of bytes with value equality: a piece of a message on its way through a frame.
///
/// The array is owned by this value: whoever hands one in must not write to it afterwards.
public final class Bytes {
    /// No bytes.
    public static final Bytes EMPTY = new Bytes(new byte[0], 0, 0);

    private final byte[] array;
    private final int offset;
    private final int length;

    private Bytes(byte[] array, int offset, int length) {
        this.array = array;
        this.offset = offset;
        this.length = length;
    }

    /// All of `array`, without a copy.
    public static Bytes of(byte[] array) {
        return new Bytes(array, 0, array.length);
    }

    /// A part of `array`, without a copy; throws [IndexOutOfBoundsException] outside it.
    public static Bytes of(byte[] array, int offset, int length) {
        java.util.Objects.checkFromIndexSize(offset, length, array.length);
        return new Bytes(array, offset, length);
    }

    /// The UTF-8 bytes of `text`.
    public static Bytes of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    /// The backing array; read only.
    public byte[] array() {
        return array;
    }

    /// Where in [#array()] the bytes begin.
    public int offset() {
        return offset;
    }

    /// How many bytes.
    public int length() {
        return length;
    }

    /// A copy of the bytes.
    public byte[] toByteArray() {
        return Arrays.copyOfRange(array, offset, offset + length);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes that
                && Arrays.equals(
                        array,
                        offset,
                        offset + length,
                        that.array,
                        that.offset,
                        that.offset + that.length);
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (int i = offset; i < offset + length; i++) {
            hash = 31 * hash + array[i];
        }
        return hash;
    }

    /// The bytes as UTF-8 text.
    public String utf8() {
        return new String(array, offset, length, StandardCharsets.UTF_8);
    }

    /// The length only: content never reaches a log by accident.
    @Override
    public String toString() {
        return "Bytes[" + length + "]";
    }
}
