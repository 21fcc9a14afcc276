package smtpd.queue.store;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The changes that are being made to the files of an [FsStore]: written first, so that they are
/// made as a whole or not at all, whenever the machine dies.
///
/// `smtpdjrn`, version 1, number of changes; each change as its length and its bytes as in a
/// segment ([TxCodec]); CRC-32C of all before.
final class FsJournal {
    private static final byte[] MAGIC = "smtpdjrn".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;

    /// Bytes of a usual batch.
    private static final int USUAL = 16 * 1024;

    private final FsFiles files;

    FsJournal(FsFiles files) {
        this.files = files;
    }

    /// Makes changes the ones to be made; they are durable when the files are settled.
    void write(List<RecordTx> changes) throws IOException {
        GrowBuffer out = new GrowBuffer(USUAL, true);
        out.putBytes(MAGIC, 0, MAGIC.length);
        out.putInt(VERSION);
        out.putInt(changes.size());
        for (RecordTx tx : changes) {
            int start = out.position();
            out.putInt(0);
            TxCodec.write(tx, 0, _ -> 0, 0, out);
            out.putInt(start, out.position() - start - 4);
        }
        out.putInt(out.crc(0, out.position()));
        files.write(FsFiles.JOURNAL, out.written());
    }

    /// The changes that were to be made when the store ended; empty when there are none. Throws
    /// [CorruptException] when they cannot be read.
    List<RecordTx> read() throws IOException {
        ByteBuffer in;
        try {
            in = files.read(FsFiles.JOURNAL);
        } catch (NoSuchFileException _) {
            return List.of();
        }
        int end = in.limit() - 4;
        if (end < MAGIC.length + 8 || in.getInt(end) != SegmentFormat.crc(in.slice(0, end))) {
            throw new CorruptException(FsFiles.JOURNAL + ": checksum does not match");
        }
        if (!in.slice(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC))
                || in.getInt(MAGIC.length) != VERSION) {
            throw new SpoolRefusedException(
                    FsFiles.JOURNAL
                            + ": format version "
                            + in.getInt(MAGIC.length)
                            + ", this program knows version "
                            + VERSION);
        }
        in.limit(end).position(MAGIC.length + 4);
        try {
            List<RecordTx> changes = new ArrayList<>();
            for (int n = in.getInt(); n > 0; n--) {
                ByteBuffer payload = in.slice(in.position() + 4, in.getInt(in.position()));
                in.position(in.position() + 4 + payload.remaining());
                changes.add(change(payload));
            }
            return changes;
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            throw new CorruptException(FsFiles.JOURNAL + ": " + e);
        }
    }

    private static RecordTx change(ByteBuffer payload) throws CorruptException {
        TxEffects effects = new TxEffects();
        TxCodec.read(payload.duplicate(), effects);
        Optional<RecordTx.Commit> commit =
                effects.commits().stream()
                        .findFirst()
                        .map(c ->
                                new RecordTx.Commit(
                                        new MsgId(c.msgid()), c.size(), c.crc(), Bytes.EMPTY));
        return new RecordTx(
                commit,
                effects.labels().stream()
                        .map(l -> new RecordTx.Label(new MsgId(l.msgid()), l.label()))
                        .toList(),
                items(effects.adds(), payload),
                items(effects.updates(), payload),
                effects.removals().stream().map(r -> new EvpId(r.evpid())).toList(),
                Optional.ofNullable(effects.roster()));
    }

    private static List<RecordTx.Item> items(List<TxEffects.Item> items, ByteBuffer payload) {
        return items.stream()
                .map(item -> {
                    byte[] bytes = new byte[item.length()];
                    payload.get(item.offset(), bytes);
                    return new RecordTx.Item(new EvpId(item.evpid()), Bytes.of(bytes));
                })
                .toList();
    }
}
