package smtpd.queue.store;

import smtpd.core.mail.Bytes;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/// Bytes being put together for one write; grows as needed, shrinks back when emptied.
final class GrowBuffer {
    private final int usual;
    private final boolean onHeap;
    private ByteBuffer buffer;

    /// Keeps `usual` bytes allocated, outside the heap: for files.
    GrowBuffer(int usual) {
        this(usual, false);
    }

    /// Keeps `usual` bytes allocated, outside the heap or on it.
    GrowBuffer(int usual, boolean onHeap) {
        this.usual = usual;
        this.onHeap = onHeap;
        this.buffer = allocate(usual);
    }

    private ByteBuffer allocate(int size) {
        return onHeap ? ByteBuffer.allocate(size) : ByteBuffer.allocateDirect(size);
    }

    private ByteBuffer room(int bytes) {
        if (buffer.remaining() < bytes) {
            int needed = Math.addExact(buffer.position(), bytes);
            ByteBuffer larger = allocate(Math.max(needed, 2 * needed - usual));
            buffer = larger.put(buffer.flip());
        }
        return buffer;
    }

    int position() {
        return buffer.position();
    }

    void rewind(int position) {
        buffer.position(position);
    }

    void clear() {
        if (buffer.capacity() > usual) {
            buffer = allocate(usual);
        }
        buffer.clear();
    }

    /// What was put, for reading; valid until the next change.
    ByteBuffer written() {
        return buffer.duplicate().flip();
    }

    /// A copy of what was put.
    Bytes bytes() {
        byte[] copy = new byte[buffer.position()];
        buffer.get(0, copy);
        return Bytes.of(copy);
    }

    void putByte(int value) {
        room(1).put((byte) value);
    }

    void putShort(int value) {
        room(2).putShort((short) value);
    }

    void putInt(int value) {
        room(4).putInt(value);
    }

    void putLong(long value) {
        room(8).putLong(value);
    }

    void putBytes(byte[] array, int offset, int length) {
        room(length).put(array, offset, length);
    }

    void putInt(int position, int value) {
        buffer.putInt(position, value);
    }

    /// A text as a 16-bit length and UTF-8 bytes; throws [IllegalArgumentException] over `max`
    /// bytes.
    void putText(String text, int max) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > max) {
            throw new IllegalArgumentException("text of " + bytes.length + " bytes");
        }
        putShort(bytes.length);
        putBytes(bytes, 0, bytes.length);
    }

    /// The CRC-32C of the bytes from `from` to `to`.
    int crc(int from, int to) {
        CRC32C crc = new CRC32C();
        crc.update(buffer.duplicate().limit(to).position(from));
        return (int) crc.getValue();
    }
}
