package smtpd.core.table;

import smtpd.core.mail.Bytes;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;

/// A table file of makemap(8), open for reading; safe for use by many threads.
///
/// Nothing of it is kept in memory: a lookup is two short reads, which the kernel answers from its
/// cache. The file is read once in whole when it is opened, to be sure of it; a record that is
/// changed later under our hands is noticed by its lengths at the latest.
public final class DbFile implements AutoCloseable {
    /// Slots read at a time: a cluster of the index is rarely longer.
    private static final int SLOTS_READ = 8;

    /// Bytes of a record read at a time: most records are shorter.
    private static final int RECORD_READ = 256;

    /// The longest key or value in bytes: [TableText#LINE_MAX] characters.
    private static final int PART_MAX = 4 * TableText.LINE_MAX;

    private static final int BUFFER = 1 << 16;

    private final FileChannel channel;
    private final DbFormat.Header header;

    private DbFile(FileChannel channel, DbFormat.Header header) {
        this.channel = channel;
        this.header = header;
    }

    /// Takes the keys of a walk.
    @FunctionalInterface
    public interface Visitor {
        /// @param place of the record
        /// @param key in lower case
        void visit(long place, String key) throws IOException;
    }

    /// Opens a file.
    ///
    /// @throws IOException if it cannot be read, or [Unusable] if it is not whole or not of this
    ///   format and version
    public static DbFile open(Path path) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        try {
            DbFile file = new DbFile(channel, header(channel));
            file.check();
            return file;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static DbFormat.Header header(FileChannel channel) throws IOException {
        byte[] start = new byte[DbFormat.HEADER];
        ByteBuffer in = ByteBuffer.wrap(start);
        while (in.hasRemaining() && channel.read(in, in.position()) >= 0) {
            // until the header is there, or the file has ended
        }
        boolean known = Arrays.equals(start, 0, 8, DbFormat.MAGIC, 0, 8);
        if (!known) {
            throw new Unusable("not a file of makemap");
        }
        int version = in.getInt(8);
        if (version != DbFormat.VERSION) {
            throw new Unusable(
                    "written in version "
                            + version
                            + " of the format, this is version "
                            + DbFormat.VERSION);
        }
        if (in.getInt(DbFormat.HEADER_SUM_AT) != DbFormat.crc(start, DbFormat.HEADER_SUM_AT)) {
            throw new Unusable("its header is damaged");
        }
        return new DbFormat.Header(
                in.getInt(12) == 1,
                in.getInt(16),
                in.getInt(20),
                in.getLong(24),
                in.getLong(32),
                in.getInt(40));
    }

    private void check() throws IOException {
        long size = channel.size();
        if (size != header.length()) {
            throw new Unusable(
                    "it has " + size + " bytes of " + header.length() + ": it was cut short");
        }
        if (Integer.bitCount(header.slots()) != 1
                || header.index() + (long) header.slots() * DbFormat.SLOT != size) {
            throw new Unusable("its header is damaged");
        }
        CRC32C crc = new CRC32C();
        for (long at = DbFormat.HEADER; at < size; at += BUFFER) {
            crc.update(read(at, (int) Math.min(BUFFER, size - at)));
        }
        if ((int) crc.getValue() != header.sum()) {
            throw new Unusable("its content is damaged");
        }
    }

    /// How many entries.
    public int size() {
        return header.entries();
    }

    /// Whether entries have values of their own.
    public boolean isMapping() {
        return header.mapping();
    }

    /// The place of the record with that key, which is in lower case; -1 if there is none.
    public long find(String key) throws IOException {
        Bytes wanted = Bytes.of(key.getBytes(StandardCharsets.UTF_8));
        int hash = DbFormat.hash(wanted.toByteArray());
        int at = hash & (header.slots() - 1);
        for (int seen = 0; seen < header.slots(); ) {
            int count = Math.min(SLOTS_READ, header.slots() - at);
            ByteBuffer slots =
                    read(header.index() + (long) at * DbFormat.SLOT, count * DbFormat.SLOT);
            while (slots.hasRemaining()) {
                long slot = slots.getLong();
                if (slot == 0) {
                    return -1;
                }
                if (DbFormat.hasHash(slot, hash)
                        && record(DbFormat.place(slot)).key().equals(wanted)) {
                    return DbFormat.place(slot);
                }
            }
            seen += count;
            at = (at + count) & (header.slots() - 1);
        }
        return -1;
    }

    /// The key of the record at a place.
    public String key(long place) throws IOException {
        return text(record(place).key());
    }

    /// The value of the record at a place; the entry itself in a list.
    public String value(long place) throws IOException {
        Entry entry = record(place);
        return text(entry.value().length() == 0 ? entry.key() : entry.value());
    }

    private static String text(Bytes bytes) {
        return new String(bytes.toByteArray(), StandardCharsets.UTF_8);
    }

    /// The place of the first record at or behind `place` that none replaces; -1 behind the last.
    /// Begins at 0.
    public long firstFrom(long place) throws IOException {
        long at = Math.max(place, DbFormat.HEADER);
        while (at < header.index()) {
            ByteBuffer lengths = read(at, DbFormat.RECORD_HEADER);
            if (lengths.getInt(0) >= 0) {
                return at;
            }
            at += size(lengths);
        }
        return -1;
    }

    /// The place behind a record.
    public long behind(long place) throws IOException {
        return place + size(read(place, DbFormat.RECORD_HEADER));
    }

    /// Visits every key in order.
    public void walk(Visitor visitor) throws IOException {
        byte[] window = new byte[0];
        long start = DbFormat.HEADER;
        long at = DbFormat.HEADER;
        while (at < header.index()) {
            ByteBuffer view = ByteBuffer.wrap(window);
            int offset = (int) (at - start);
            int needed = DbFormat.RECORD_HEADER;
            if (offset + needed <= window.length) {
                int length = keyLength(view.getInt(offset));
                needed += length;
                if (offset + needed <= window.length) {
                    if (view.getInt(offset) >= 0) {
                        int from = offset + DbFormat.RECORD_HEADER;
                        visitor.visit(at, new String(window, from, length, StandardCharsets.UTF_8));
                    }
                    at += needed + length(view.getInt(offset + 4));
                    continue;
                }
            }
            start = at;
            window = bytes(at, (int) Math.min(Math.max(BUFFER, needed), header.index() - at));
        }
    }

    private record Entry(Bytes key, Bytes value) {}

    private Entry record(long place) throws IOException {
        byte[] all = bytes(place, (int) Math.min(RECORD_READ, header.index() - place));
        ByteBuffer lengths = ByteBuffer.wrap(all);
        int key = keyLength(lengths.getInt(0));
        int value = length(lengths.getInt(4));
        int end = DbFormat.RECORD_HEADER + key + value;
        if (end > all.length) {
            all = bytes(place, end);
        }
        int middle = DbFormat.RECORD_HEADER + key;
        return new Entry(
                Bytes.of(Arrays.copyOfRange(all, DbFormat.RECORD_HEADER, middle)),
                Bytes.of(Arrays.copyOfRange(all, middle, end)));
    }

    private static long size(ByteBuffer lengths) throws Unusable {
        return DbFormat.RECORD_HEADER
                + (long) keyLength(lengths.getInt(0))
                + length(lengths.getInt(4));
    }

    private static int keyLength(int stored) throws Unusable {
        return length(stored & ~DbFormat.REPLACED);
    }

    private static int length(int stored) throws Unusable {
        if (stored < 0 || stored > PART_MAX) {
            throw new Unusable("its content was changed under our hands");
        }
        return stored;
    }

    private ByteBuffer read(long at, int length) throws IOException {
        return ByteBuffer.wrap(bytes(at, length));
    }

    private byte[] bytes(long at, int length) throws IOException {
        byte[] bytes = new byte[Math.max(length, 0)];
        ByteBuffer into = ByteBuffer.wrap(bytes);
        while (into.hasRemaining()) {
            if (channel.read(into, at + into.position()) < 0) {
                throw new EOFException("it was cut short");
            }
        }
        return bytes;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /// A file that cannot serve as a table.
    public static final class Unusable extends IOException {
        private static final long serialVersionUID = 1;

        Unusable(String message) {
            super(message);
        }
    }
}
