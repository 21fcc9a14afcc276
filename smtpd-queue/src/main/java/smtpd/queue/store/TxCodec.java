package smtpd.queue.store;

import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.function.ToIntFunction;

/// The payload of a transaction record.
///
/// `byte` 0 or 1 and with 1 a commit (msgid, size, CRC-32C, number of chunks); the number of
/// additions and each (evpid, length, CRC-32C, bytes); of updates, likewise; of removals and each
/// (evpid, first and last segment that may hold the envelope).
final class TxCodec {
    /// Bytes before an addition's or update's own: id, length, checksum.
    static final int ITEM_PREFIX = 16;

    /// What a transaction record says, in its order. Offsets are of the bytes in the payload.
    interface Visitor {
        void commit(int msgid, long size, int crc, int chunks);

        void add(long evpid, int offset, int length);

        void update(long evpid, int offset, int length);

        void remove(long evpid, int from, int to);
    }

    private TxCodec() {}

    /// Writes a transaction that `chunks` pieces of content belong to. `origin` tells the first
    /// segment that may hold an envelope, 0 if there is no such envelope; `segment` is the present
    /// one.
    static void write(
            StoreTx tx, int chunks, ToIntFunction<EvpId> origin, int segment, GrowBuffer out) {
        out.putByte(tx.commit().isPresent() ? 1 : 0);
        tx.commit()
                .ifPresent(
                        c -> writeCommit(c.message().value(), c.size(), c.crc32c(), chunks, out));
        out.putInt(tx.add().size());
        for (Envelope envelope : tx.add()) {
            int item = beginItem(envelope.id().value(), out);
            EnvelopeCodec.write(envelope, out);
            endItem(item, out);
        }
        out.putInt(tx.update().size());
        for (StoreTx.StateUpdate update : tx.update()) {
            int item = beginItem(update.id().value(), out);
            EnvelopeCodec.writeState(update.state(), out);
            endItem(item, out);
        }
        out.putInt(tx.remove().size());
        for (EvpId id : tx.remove()) {
            out.putLong(id.value());
            int from = origin.applyAsInt(id);
            out.putInt(from == 0 ? segment : from);
            out.putInt(segment);
        }
    }

    static void writeCommit(int msgid, long size, int crc, int chunks, GrowBuffer out) {
        out.putInt(msgid);
        out.putLong(size);
        out.putInt(crc);
        out.putInt(chunks);
    }

    static int beginItem(long evpid, GrowBuffer out) {
        int start = out.position();
        out.putLong(evpid);
        out.putLong(0);
        return start;
    }

    static void endItem(int start, GrowBuffer out) {
        int from = start + ITEM_PREFIX;
        out.putInt(start + 8, out.position() - from);
        out.putInt(start + 12, out.crc(from, out.position()));
    }

    /// Reads exactly one payload.
    static void read(ByteBuffer in, Visitor visitor) throws CorruptException {
        int base = in.position();
        try {
            if (in.get() != 0) {
                visitor.commit(in.getInt(), in.getLong(), in.getInt(), in.getInt());
            }
            for (int n = in.getInt(); n > 0; n--) {
                long evpid = in.getLong();
                int length = item(in);
                visitor.add(evpid, in.position() - length - base, length);
            }
            for (int n = in.getInt(); n > 0; n--) {
                long evpid = in.getLong();
                int length = item(in);
                visitor.update(evpid, in.position() - length - base, length);
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
