package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/// The bytes of segment files: a file header, then records on 8-byte boundaries.
///
/// File header, 32 bytes: `smtpdseg`, version, segment id, 12 zero bytes, CRC-32C of these. Record
/// header, 32 bytes: CRC-32C of the rest of the header, CRC-32C of the payload, payload length,
/// type and 3 zero bytes, segment id, how much of the file was known to be durable when this was
/// written, sequence number. All numbers are big-endian.
///
/// The segment id in every record keeps a stale or misplaced one from being taken for one of this
/// file; the durable mark tells damage done later from a write that was never finished.
final class SegmentFormat {
    /// The version written. Version 1 differs in having no labels, and is read.
    static final int VERSION = 2;

    /// Bytes of the file header.
    static final int FILE_HEADER = 32;

    /// Bytes of a record header.
    static final int RECORD_HEADER = 32;

    /// Records begin at multiples of this, so that the next one is found behind a damaged one.
    static final int ALIGN = 8;

    /// Largest payload: a transaction over some 40,000 envelopes.
    static final int PAYLOAD_MAX = 16 * 1024 * 1024;

    /// Directory of the segment files.
    static final String DIR = "queue";

    /// Directory of what was damaged.
    static final String CORRUPT_DIR = "corrupt";

    /// The file that keeps a second daemon away.
    static final String LOCK = "queue.lock";

    /// Message id, index and bytes of a piece of content.
    static final int CHUNK = 1;

    /// The same, copied from an older segment.
    static final int CHUNK_COPY = 2;

    /// A transaction.
    static final int TX = 3;

    /// What is left of a transaction, copied from an older segment.
    static final int TX_COPY = 4;

    /// Bytes that mean nothing: recovery puts this header over what it found torn, so that it is
    /// not met again. The payload's checksum is not looked at.
    static final int VOID = 5;

    /// Bytes of a chunk's payload before its content.
    static final int CHUNK_PREFIX = 8;

    private static final byte[] MAGIC = "smtpdseg".getBytes(StandardCharsets.US_ASCII);
    private static final String SUFFIX = ".seg";
    private static final int NAME_LENGTH = 12;

    private SegmentFormat() {}

    /// A record's header.
    ///
    /// @param payloadCrc the payload's CRC-32C
    /// @param length the payload's length
    /// @param type one of the record types
    /// @param synced how many bytes of the file were durable when it was written
    /// @param sequence ascending through the whole log
    record Header(int payloadCrc, int length, int type, int synced, long sequence) {
        /// Where the next record begins, for one that begins at `position`.
        int next(int position) {
            return align(position + RECORD_HEADER + length);
        }
    }

    /// Whether segments of a version can be read.
    static boolean known(int version) {
        return version >= 1 && version <= VERSION;
    }

    static int align(int position) {
        return (position + ALIGN - 1) & -ALIGN;
    }

    static String fileName(int segment) {
        return String.format("%08x", segment) + SUFFIX;
    }

    static String path(int segment) {
        return DIR + "/" + fileName(segment);
    }

    /// The id in a segment file's name, or 0 for another file.
    static int idOf(String fileName) {
        if (fileName.length() != NAME_LENGTH || !fileName.endsWith(SUFFIX)) {
            return 0;
        }
        try {
            int id = Integer.parseInt(fileName.substring(0, 8), 16);
            return fileName(id).equals(fileName) ? id : 0;
        } catch (NumberFormatException _) {
            return 0;
        }
    }

    static int crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate());
        return (int) crc.getValue();
    }

    static ByteBuffer fileHeader(int segment) {
        ByteBuffer header = ByteBuffer.allocate(FILE_HEADER);
        header.put(MAGIC).putInt(VERSION).putInt(segment).position(FILE_HEADER - 4);
        return header.putInt(crc(header.slice(0, FILE_HEADER - 4))).flip();
    }

    /// The version of a whole file header; 0 when it is not one of this segment.
    static int version(ByteBuffer header, int segment) {
        if (header.remaining() < FILE_HEADER
                || !header.slice(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC))
                || header.getInt(FILE_HEADER - 4) != crc(header.slice(0, FILE_HEADER - 4))
                || header.getInt(12) != segment) {
            return 0;
        }
        return header.getInt(8);
    }

    /// Reads a record header at the start of `bytes`; null when there is none of this segment.
    static @Nullable Header header(ByteBuffer bytes, int segment) {
        int at = bytes.position();
        if (bytes.remaining() < RECORD_HEADER || bytes.getInt(at + 16) != segment) {
            return null;
        }
        int length = bytes.getInt(at + 8);
        if (length < 0
                || length > PAYLOAD_MAX
                || bytes.getInt(at) != crc(bytes.slice(at + 4, RECORD_HEADER - 4))) {
            return null;
        }
        return new Header(
                bytes.getInt(at + 4),
                length,
                bytes.get(at + 12),
                bytes.getInt(at + 20),
                bytes.getLong(at + 24));
    }

    /// The header that makes `length` bytes, itself included, mean nothing.
    static ByteBuffer voidHeader(int segment, int length) {
        ByteBuffer header = ByteBuffer.allocate(RECORD_HEADER);
        header.putInt(8, length - RECORD_HEADER).putInt(12, VOID << 24).putInt(16, segment);
        return header.putInt(0, crc(header.slice(4, RECORD_HEADER - 4)));
    }

    /// Reserves a record header; returns where it is.
    static int begin(GrowBuffer out) {
        int start = out.position();
        for (int i = 0; i < RECORD_HEADER / 8; i++) {
            out.putLong(0);
        }
        return start;
    }

    /// Completes the record begun at `start`; throws [IllegalArgumentException], with the record
    /// taken back, when it is too large.
    static void end(GrowBuffer out, int start, int type, int segment, int synced, long sequence) {
        int length = out.position() - start - RECORD_HEADER;
        if (length > PAYLOAD_MAX) {
            out.rewind(start);
            throw new IllegalArgumentException("record of " + length + " bytes");
        }
        out.putInt(start + 4, out.crc(start + RECORD_HEADER, out.position()));
        out.putInt(start + 8, length);
        out.putInt(start + 12, type << 24);
        out.putInt(start + 16, segment);
        out.putInt(start + 20, synced);
        out.putInt(start + 24, (int) (sequence >>> 32));
        out.putInt(start + 28, (int) sequence);
        out.putInt(start, out.crc(start + 4, start + RECORD_HEADER));
        while (out.position() % ALIGN != 0) {
            out.putByte(0);
        }
    }
}
