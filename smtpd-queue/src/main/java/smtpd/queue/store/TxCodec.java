package smtpd.queue.store;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.EvpId;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/// The payload of a transaction record.
///
/// `byte` of flags; with flag 1 a commit (msgid, size, CRC-32C, number of chunks); with flag 2 the
/// number of labels and each (msgid, 16-bit length, bytes); with flag 4 a roster (16-bit length,
/// bytes); the number of additions and each (evpid, length, CRC-32C, bytes); of updates, likewise;
/// of removals and each (evpid, first and last segment that may hold the envelope).
final class TxCodec {
    private static final int COMMIT = 1;

    /// Since version 2 of the segments.
    private static final int LABELS = 2;

    /// Likewise.
    private static final int ROSTER = 4;

    /// Bytes before an addition's or update's own: id, length, checksum.
    static final int ITEM_PREFIX = 16;

    /// What a transaction record says, in its order. Offsets are of the bytes in the payload.
    interface Visitor {
        void commit(int msgid, long size, int crc, int chunks);

        void label(int msgid, Bytes label);

        void roster(Bytes roster);

        void add(long evpid, int offset, int length);

        void update(long evpid, int offset, int length, int crc);

        void remove(long evpid, int from, int to);
    }

    private TxCodec() {}

    /// Writes a transaction that `chunks` pieces of content belong to. `origin` tells the first
    /// segment that may hold an envelope, 0 if there is no such envelope; `segment` is the present
    /// one.
    static void write(
            RecordTx tx, int chunks, ToIntFunction<EvpId> origin, int segment, GrowBuffer out) {
        List<RecordTx.Label> labels = labels(tx);
        flags(tx.commit().isPresent(), !labels.isEmpty(), tx.roster().isPresent(), out);
        tx.commit()
                .ifPresent(
                        c -> writeCommit(c.message().value(), c.size(), c.crc32c(), chunks, out));
        writeLabels(labels, out);
        tx.roster().ifPresent(roster -> writeRoster(roster, out));
        out.putInt(tx.add().size());
        tx.add().forEach(item -> writeItem(item, out));
        out.putInt(tx.update().size());
        tx.update().forEach(item -> writeItem(item, out));
        out.putInt(tx.remove().size());
        for (EvpId id : tx.remove()) {
            out.putLong(id.value());
            int from = origin.applyAsInt(id);
            out.putInt(from == 0 ? segment : from);
            out.putInt(segment);
        }
    }

    private static List<RecordTx.Label> labels(RecordTx tx) {
        List<RecordTx.Label> labels = new ArrayList<>(tx.relabel());
        tx.commit()
                .filter(commit -> commit.label().length() > 0)
                .ifPresent(c -> labels.add(new RecordTx.Label(c.message(), c.label())));
        return labels;
    }

    static void flags(boolean commit, boolean labels, boolean roster, GrowBuffer out) {
        out.putByte((commit ? COMMIT : 0) | (labels ? LABELS : 0) | (roster ? ROSTER : 0));
    }

    static void writeRoster(Bytes roster, GrowBuffer out) {
        out.putShort(roster.length());
        out.putBytes(roster.array(), roster.offset(), roster.length());
    }

    static void writeLabels(List<RecordTx.Label> labels, GrowBuffer out) {
        if (labels.isEmpty()) {
            return;
        }
        out.putInt(labels.size());
        for (RecordTx.Label label : labels) {
            out.putInt(label.message().value());
            out.putShort(label.bytes().length());
            out.putBytes(label.bytes().array(), label.bytes().offset(), label.bytes().length());
        }
    }

    static void writeItem(RecordTx.Item item, GrowBuffer out) {
        Bytes bytes = item.bytes();
        out.putLong(item.id().value());
        out.putInt(bytes.length());
        int crc = out.position();
        out.putInt(0);
        int from = out.position();
        out.putBytes(bytes.array(), bytes.offset(), bytes.length());
        out.putInt(crc, out.crc(from, out.position()));
    }

    static void writeCommit(int msgid, long size, int crc, int chunks, GrowBuffer out) {
        out.putInt(msgid);
        out.putLong(size);
        out.putInt(crc);
        out.putInt(chunks);
    }

    /// Reads exactly one payload.
    static void read(ByteBuffer in, Visitor visitor) throws CorruptException {
        int base = in.position();
        try {
            int flags = in.get();
            if ((flags & ~(COMMIT | LABELS | ROSTER)) != 0) {
                throw new CorruptException("transaction with flags " + flags);
            }
            if ((flags & COMMIT) != 0) {
                visitor.commit(in.getInt(), in.getLong(), in.getInt(), in.getInt());
            }
            for (int n = (flags & LABELS) == 0 ? 0 : in.getInt(); n > 0; n--) {
                visitor.label(in.getInt(), bytes(in));
            }
            if ((flags & ROSTER) != 0) {
                visitor.roster(bytes(in));
            }
            for (int n = in.getInt(); n > 0; n--) {
                long evpid = in.getLong();
                int length = item(in);
                visitor.add(evpid, in.position() - length - base, length);
            }
            for (int n = in.getInt(); n > 0; n--) {
                long evpid = in.getLong();
                int length = item(in);
                int offset = in.position() - length;
                visitor.update(evpid, offset - base, length, in.getInt(offset - 4));
            }
            for (int n = in.getInt(); n > 0; n--) {
                visitor.remove(in.getLong(), in.getInt(), in.getInt());
            }
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new CorruptException("transaction: " + e);
        }
        if (in.hasRemaining()) {
            throw new CorruptException(in.remaining() + " bytes behind a transaction");
        }
    }

    private static Bytes bytes(ByteBuffer in) {
        byte[] bytes = new byte[in.getShort() & 0xffff];
        in.get(bytes);
        return Bytes.of(bytes);
    }

    private static int item(ByteBuffer in) throws CorruptException {
        int length = in.getInt();
        in.getInt();
        if (length < 0 || length > in.remaining()) {
            throw new CorruptException("item of " + length + " bytes");
        }
        in.position(in.position() + length);
        return length;
    }
}
