package smtpd.queue.tool;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;
import smtpd.queue.store.Content;
import smtpd.queue.store.NewMessage;
import smtpd.queue.store.Piece;
import smtpd.queue.store.RecordStore;
import smtpd.queue.store.RecordTx;
import smtpd.queue.store.Refused;
import smtpd.queue.store.StoreResult;
import smtpd.queue.store.Stored;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/// Copies every message of one store into another, under the same ids, byte by byte: what is sealed
/// stays sealed, and no key is needed.
///
/// It may be interrupted and run again: a message that is there already is passed over.
final class QueueCopy {
    private final RecordStore from;
    private final RecordStore to;
    private final Consumer<String> complaints;
    private int copied;
    private int damaged;

    QueueCopy(RecordStore from, RecordStore to, Consumer<String> complaints) {
        this.from = from;
        this.to = to;
        this.complaints = complaints;
    }

    /// How many messages were copied.
    int copied() {
        return copied;
    }

    /// How many could not be read and stay where they are.
    int damaged() {
        return damaged;
    }

    /// Copies; throws [IOException] when the other store does not take something.
    void run() throws IOException {
        for (Iterator<MsgId> all = from.messages(); all.hasNext(); ) {
            MsgId id = all.next();
            if (to.label(id).isEmpty()) {
                message(id);
            }
        }
        // what is there of it is not to be looked at without a key: the next start does
        Bytes roster = from.roster();
        if (roster.length() > 0) {
            await(done -> to.commit(RecordTx.NOTHING.with(roster), done));
        }
    }

    private void message(MsgId id) throws IOException {
        List<RecordTx.Item> add = new ArrayList<>();
        List<RecordTx.Item> update = new ArrayList<>();
        for (EvpId evpid : from.envelopes(id)) {
            switch (from.load(evpid)) {
                case Stored.Found found -> {
                    add.add(new RecordTx.Item(evpid, found.envelope()));
                    found.state().ifPresent(s -> update.add(new RecordTx.Item(evpid, s)));
                }
                case Stored.Absent _ -> {}
                case Refused refused -> complaints.accept(refused.text());
            }
        }
        Optional<Content> content = from.content(id);
        if (content.isEmpty() || add.isEmpty()) {
            damaged++;
            complaints.accept("message " + id + ": not copied");
            return;
        }
        begin(id);
        try (Content in = content.get()) {
            content(id, in, add, update);
        }
    }

    /// A message begins under the id it has.
    private void begin(MsgId id) throws IOException {
        int[] next = {id.value()};
        NewMessage opened = to.create(() -> (long) next[0] << 32);
        if (opened instanceof Refused refused) {
            throw new IOException(refused.text());
        }
    }

    private void content(MsgId id, Content in, List<RecordTx.Item> add, List<RecordTx.Item> update)
            throws IOException {
        CRC32C crc = new CRC32C();
        long size = 0;
        while (true) {
            switch (in.next()) {
                case Piece.Chunk(Bytes bytes) -> {
                    crc.update(bytes.array(), bytes.offset(), bytes.length());
                    size += bytes.length();
                    await(done -> to.append(id, bytes, done));
                }
                case Piece.End _ -> {
                    Bytes label = from.label(id).orElse(Bytes.EMPTY);
                    RecordTx.Commit commit =
                            new RecordTx.Commit(id, size, (int) crc.getValue(), label);
                    RecordTx tx =
                            new RecordTx(Optional.of(commit), List.of(), add, update, List.of());
                    await(done -> to.commit(tx, done));
                    copied++;
                    return;
                }
                case Refused refused -> {
                    to.rollback(id);
                    damaged++;
                    complaints.accept("message " + id + ": " + refused.text());
                    return;
                }
            }
        }
    }

    /// Waits for an answer; throws [IOException] when it is a refusal.
    static void await(Consumer<Consumer<StoreResult>> ask) throws IOException {
        CompletableFuture<StoreResult> answer = new CompletableFuture<>();
        ask.accept(answer::complete);
        if (answer.join() instanceof Refused refused) {
            throw new IOException(refused.text());
        }
    }
}
