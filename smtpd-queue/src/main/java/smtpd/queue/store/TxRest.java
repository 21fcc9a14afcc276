package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.util.ArrayList;
import java.util.List;

/// What of an old transaction record still matters: the part that the index points to, and the
/// removals that must not be forgotten yet.
final class TxRest {
    private final List<TxEffects.Committed> commits = new ArrayList<>();
    private final List<RecordTx.Label> labels = new ArrayList<>();
    private final List<RecordTx.Item> adds = new ArrayList<>();
    private final List<RecordTx.Item> updates = new ArrayList<>();
    private final List<TxEffects.Removal> removals = new ArrayList<>();
    private @Nullable Bytes roster;

    /// The rest of `old`, whose payload begins at `payload` in segment `from`.
    TxRest(Index index, RecordReader reader, Segment from, int payload, TxEffects old) {
        List<Long> addIds = new ArrayList<>();
        List<Long> updateIds = new ArrayList<>();
        synchronized (index) {
            for (TxEffects.Committed commit : old.commits()) {
                MessageEntry message = index.message(commit.msgid());
                if (message != null && from.equals(message.commitSegment)) {
                    commits.add(commit);
                }
            }
            if (old.roster() != null && from.equals(index.rosterSegment())) {
                roster = index.roster();
            }
            for (TxEffects.Labelled label : old.labels()) {
                MessageEntry message = index.message(label.msgid());
                if (message != null && from.equals(message.labelSegment)) {
                    labels.add(new RecordTx.Label(new MsgId(label.msgid()), message.label));
                }
            }
            for (TxEffects.Item add : old.adds()) {
                EnvelopeEntry entry = index.envelope(add.evpid());
                if (entry != null
                        && from.equals(entry.segment)
                        && entry.offset == payload + add.offset()) {
                    addIds.add(add.evpid());
                }
            }
            for (TxEffects.Item update : old.updates()) {
                EnvelopeEntry entry = index.envelope(update.evpid());
                if (entry != null
                        && from.equals(entry.stateSegment)
                        && entry.stateOffset == payload + update.offset()
                        && !from.equals(entry.segment)) {
                    updateIds.add(update.evpid());
                }
            }
            for (TxEffects.Removal removal : old.removals()) {
                if (index.anyOther(from, removal.from(), removal.to())
                        && index.envelope(removal.evpid()) == null) {
                    removals.add(removal);
                }
            }
        }
        addIds.forEach(id -> load(reader, id, true));
        updateIds.forEach(id -> load(reader, id, false));
    }

    /// An envelope that moves takes its latest state along.
    private void load(RecordReader reader, long evpid, boolean whole) {
        if (reader.read(new EvpId(evpid)) instanceof Stored.Found found) {
            if (whole) {
                adds.add(new RecordTx.Item(found.id(), found.envelope()));
            }
            found.state().ifPresent(s -> updates.add(new RecordTx.Item(found.id(), s)));
        }
    }

    boolean isEmpty() {
        return roster == null
                && commits.isEmpty()
                && labels.isEmpty()
                && adds.isEmpty()
                && updates.isEmpty()
                && removals.isEmpty();
    }

    /// Writes it as a payload.
    void write(GrowBuffer out) {
        TxCodec.flags(!commits.isEmpty(), !labels.isEmpty(), roster != null, out);
        for (TxEffects.Committed c : commits) {
            TxCodec.writeCommit(c.msgid(), c.size(), c.crc(), c.chunks(), out);
        }
        TxCodec.writeLabels(labels, out);
        if (roster != null) {
            TxCodec.writeRoster(roster, out);
        }
        out.putInt(adds.size());
        adds.forEach(item -> TxCodec.writeItem(item, out));
        out.putInt(updates.size());
        updates.forEach(item -> TxCodec.writeItem(item, out));
        out.putInt(removals.size());
        for (TxEffects.Removal removal : removals) {
            out.putLong(removal.evpid());
            out.putInt(removal.from());
            out.putInt(removal.to());
        }
    }
}
