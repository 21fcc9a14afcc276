package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;

/// Makes changes in the files and in the index of an [FsStore]. What was made already is made again
/// without harm, as after a crash.
final class FsChanges {
    private final IntMap<FsMessage> index;
    private final FsFiles files;
    private volatile Bytes roster = Bytes.EMPTY;

    /// The index is changed with its monitor held.
    FsChanges(IntMap<FsMessage> index, FsFiles files) {
        this.index = index;
        this.files = files;
    }

    /// Makes one change; durable after [FsFiles#settle()].
    void make(RecordTx tx) throws IOException {
        if (tx.commit().isPresent()) {
            commit(tx.commit().get());
        }
        for (RecordTx.Label label : tx.relabel()) {
            relabel(label);
        }
        for (RecordTx.Item item : tx.add()) {
            FsMessage message = message(item.id().msgid());
            if (message != null) {
                files.writeEnvelope(item.id(), item.bytes(), null);
                synchronized (index) {
                    message.envelopes.add(item.id());
                }
            }
        }
        for (RecordTx.Item item : tx.update()) {
            update(item);
        }
        for (EvpId id : tx.remove()) {
            remove(id);
        }
    }

    /// The roster as of the last change made.
    Bytes roster() {
        return roster;
    }

    /// Reads the roster as it was left.
    void readRoster() throws IOException {
        roster = files.readRoster();
    }

    /// Makes the last roster of some changes.
    void makeRoster(List<RecordTx> made) throws IOException {
        for (RecordTx tx : made.reversed()) {
            if (tx.roster().isPresent()) {
                files.writeRoster(tx.roster().get());
                roster = tx.roster().get();
                return;
            }
        }
    }

    private @Nullable FsMessage message(MsgId id) {
        synchronized (index) {
            return index.get(id.value());
        }
    }

    private void commit(RecordTx.Commit it) throws IOException {
        FsMessage message = new FsMessage(it.message(), it.size(), it.crc32c(), it.label());
        files.writeMessage(message);
        synchronized (index) {
            FsMessage before = index.get(it.message().value());
            if (before != null) {
                message.envelopes.addAll(before.envelopes);
            }
            index.put(it.message().value(), message);
        }
    }

    private void relabel(RecordTx.Label label) throws IOException {
        FsMessage message = message(label.message());
        if (message != null) {
            synchronized (index) {
                message.label = label.bytes();
            }
            files.writeMessage(message);
        }
    }

    private void update(RecordTx.Item item) throws IOException {
        FsMessage message = message(item.id().msgid());
        if (message == null || !message.envelopes.contains(item.id())) {
            return;
        }
        Bytes envelope;
        try {
            envelope = files.readEnvelope(item.id()).envelope();
        } catch (CorruptException | NoSuchFileException _) {
            return; // damaged: it stays as it is, and is told of when it is read
        }
        files.writeEnvelope(item.id(), envelope, item.bytes());
    }

    private void remove(EvpId id) throws IOException {
        FsMessage message = message(id.msgid());
        if (message == null) {
            return;
        }
        files.unlink(FsFiles.envelope(id));
        boolean last;
        synchronized (index) {
            last = message.envelopes.remove(id) && message.envelopes.isEmpty();
            if (last) {
                index.remove(id.msgid().value());
            }
        }
        if (last) {
            end(id.msgid());
        }
    }

    /// A message without envelopes goes.
    void end(MsgId id) throws IOException {
        files.unlink(FsFiles.message(id));
        files.unlink(FsFiles.content(id));
    }
}
