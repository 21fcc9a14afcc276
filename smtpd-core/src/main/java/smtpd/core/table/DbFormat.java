package smtpd.core.table;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/// The file that makemap(8) makes: a header, the records in order, and an index by hash. Numbers
/// are big-endian.
///
/// | header at | bytes | |
/// |---|---|---|
/// | 0 | 8 | [#MAGIC] |
/// | 8 | 4 | [#VERSION] |
/// | 12 | 4 | 0 for a list, 1 for keys and values |
/// | 16 | 4 | how many entries |
/// | 20 | 4 | how many slots the index has, a power of two |
/// | 24 | 8 | where the index begins |
/// | 32 | 8 | length of the file |
/// | 40 | 4 | CRC-32C of everything behind the header |
/// | 60 | 4 | CRC-32C of the header before it |
///
/// A record is the length of its key (4 bytes; the highest bit says that a later record replaces
/// this one), the length of its value (4 bytes), the key in lower case, and the value as written; a
/// list entry that is in lower case has no value. A slot is 0, or the upper 24 bits of its key's
/// hash over the 40 bits of its record's place; a key is in the first slot from its hash on that is
/// its own, before the next empty one.
final class DbFormat {
    static final byte[] MAGIC = "smtpd-db".getBytes(StandardCharsets.US_ASCII);
    static final int VERSION = 1;
    static final int HEADER = 64;
    static final int HEADER_SUM_AT = 60;
    static final int RECORD_HEADER = 8;
    static final int SLOT = 8;
    static final int REPLACED = 1 << 31;
    private static final int PLACE_BITS = 40;
    private static final long PLACE_MASK = (1L << PLACE_BITS) - 1;

    private DbFormat() {}

    /// What a header says.
    record Header(boolean mapping, int entries, int slots, long index, long length, int sum) {
        ByteBuffer encode() {
            ByteBuffer out = ByteBuffer.allocate(HEADER);
            out.put(MAGIC).putInt(VERSION).putInt(mapping ? 1 : 0).putInt(entries).putInt(slots);
            out.putLong(index).putLong(length).putInt(sum);
            out.putInt(HEADER_SUM_AT, crc(out.array(), HEADER_SUM_AT));
            return out.rewind();
        }
    }

    static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    /// The hash of a key: the platform's own for byte arrays, with its bits mixed.
    static int hash(byte[] key) {
        int hash = 1;
        for (byte each : key) {
            hash = 31 * hash + each;
        }
        hash ^= hash >>> 16;
        hash *= 0x85eb_ca6b;
        hash ^= hash >>> 13;
        hash *= 0xc2b2_ae35;
        return hash ^ (hash >>> 16);
    }

    static long slot(int hash, long place) {
        return ((long) (hash >>> 8) << PLACE_BITS) | place;
    }

    static long place(long slot) {
        return slot & PLACE_MASK;
    }

    static boolean hasHash(long slot, int hash) {
        return slot >>> PLACE_BITS == hash >>> 8;
    }

    /// Slots for so many records: at most two thirds are taken.
    static int slots(int records) {
        long wanted = Math.max(8, records + records / 2L);
        return (int) Math.min(1 << 30, Long.highestOneBit(wanted - 1) << 1);
    }
}
