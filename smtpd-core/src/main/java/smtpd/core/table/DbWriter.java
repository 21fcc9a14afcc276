package smtpd.core.table;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;

/// Writes a table file that [DbFile] reads: beside its place, synced, and renamed when it is whole,
/// so that a reader never sees a part of it. What is not finished leaves nothing behind.
public final class DbWriter implements AutoCloseable, TableText.Sink {
    private static final int BUFFER = 1 << 16;

    private final Path target;
    private final Path temporary;
    private final FileChannel channel;
    private final DataOutputStream out;
    private long place = DbFormat.HEADER;
    private long[] slots = new long[1024];
    private int records;
    private boolean finished;

    /// @param target the file to be made or replaced
    /// @param temporary where it grows: a name in the same directory that nobody else uses
    /// @throws IOException if it cannot be created, or exists
    public DbWriter(Path target, Path temporary) throws IOException {
        this.target = target;
        this.temporary = temporary;
        channel =
                FileChannel.open(
                        temporary,
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        out =
                new DataOutputStream(
                        new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER));
        out.write(new byte[DbFormat.HEADER]);
    }

    /// Adds an entry; a later one with the same key replaces it.
    @Override
    public void entry(String key, String value) throws IOException {
        byte[] folded = TableText.fold(key).getBytes(StandardCharsets.UTF_8);
        boolean sameAsKey = value.isEmpty() && TableText.fold(key).equals(key);
        byte[] written =
                sameAsKey
                        ? new byte[0]
                        : (value.isEmpty() ? key : value).getBytes(StandardCharsets.UTF_8);
        if (records == slots.length) {
            slots = Arrays.copyOf(slots, 2 * records);
        }
        // for now the whole hash in the upper half: the place in the index is taken from it
        slots[records++] = (long) DbFormat.hash(folded) << 32 | folded.length;
        out.writeInt(folded.length);
        out.writeInt(written.length);
        out.write(folded);
        out.write(written);
    }

    /// Writes the index and puts the file in its place.
    ///
    /// @param mapping whether the entries have values of their own
    /// @return how many different keys it holds
    public int finish(boolean mapping) throws IOException {
        out.flush();
        long index = channel.position();
        long[] table = new long[DbFormat.slots(records)];
        int entries = index(table);
        channel.position(index);
        for (long slot : table) {
            out.writeLong(slot);
        }
        out.flush();
        long length = channel.position();
        DbFormat.Header header =
                new DbFormat.Header(mapping, entries, table.length, index, length, sum(length));
        writeAt(header.encode(), 0);
        channel.force(true);
        channel.close();
        Files.move(
                temporary,
                target,
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        finished = true;
        syncDirectory();
        return entries;
    }

    /// Fills the index in the order of the records; returns how many keys there are.
    private int index(long[] table) throws IOException {
        int entries = 0;
        for (int i = 0; i < records; i++) {
            int hash = (int) (slots[i] >>> 32);
            int keyLength = (int) slots[i];
            ByteBuffer header = readAt(place, DbFormat.RECORD_HEADER);
            int at = hash & (table.length - 1);
            while (table[at] != 0 && !isSame(table[at], hash, keyLength)) {
                at = (at + 1) & (table.length - 1);
            }
            if (table[at] == 0) {
                entries++;
            } else {
                long old = DbFormat.place(table[at]);
                writeAt(ByteBuffer.allocate(4).putInt(0, keyLength | DbFormat.REPLACED), old);
            }
            table[at] = DbFormat.slot(hash, place);
            place += DbFormat.RECORD_HEADER + header.getInt(0) + header.getInt(4);
        }
        return entries;
    }

    /// Whether the record in a slot has the key of the record at [#place].
    private boolean isSame(long slot, int hash, int keyLength) throws IOException {
        if (!DbFormat.hasHash(slot, hash)) {
            return false;
        }
        long other = DbFormat.place(slot);
        if (readAt(other, 4).getInt(0) != keyLength) {
            return false;
        }
        return readAt(other + DbFormat.RECORD_HEADER, keyLength)
                .equals(readAt(place + DbFormat.RECORD_HEADER, keyLength));
    }

    private ByteBuffer readAt(long at, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, at + bytes.position()) < 0) {
                throw new IOException(temporary + " was cut short");
            }
        }
        return bytes.flip();
    }

    private void writeAt(ByteBuffer bytes, long at) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes, at + bytes.position());
        }
    }

    private int sum(long length) throws IOException {
        CRC32C crc = new CRC32C();
        for (long at = DbFormat.HEADER; at < length; at += BUFFER) {
            crc.update(readAt(at, (int) Math.min(BUFFER, length - at)));
        }
        return (int) crc.getValue();
    }

    private void syncDirectory() throws IOException {
        Path directory = target.toAbsolutePath().getParent();
        if (directory != null) {
            try (FileChannel opened = FileChannel.open(directory, StandardOpenOption.READ)) {
                opened.force(true);
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (!finished) {
            channel.close();
            Files.deleteIfExists(temporary);
        }
    }
}
