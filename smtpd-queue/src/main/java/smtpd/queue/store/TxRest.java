package smtpd.queue.store;

import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;

import java.util.ArrayList;
import java.util.List;

/// What of an old transaction record still matters: the part that the index points to, and the
/// removals that must not be forgotten yet.
final class TxRest {
    private final List<TxEffects.Committed> commits = new ArrayList<>();
    private final List<Envelope> adds = new ArrayList<>();
    private final List<Envelope> updates = new ArrayList<>();
    private final List<TxEffects.Removal> removals = new ArrayList<>();

    /// The rest of `old`, whose payload begins at `payload` in segment `from`.
    TxRest(Index index, EnvelopeReader reader, Segment from, int payload, TxEffects old) {
        List<Long> addIds = new ArrayList<>();
        List<Long> updateIds = new ArrayList<>();
        synchronized (index) {
            for (TxEffects.Committed commit : old.commits()) {
                MessageEntry message = index.message(commit.msgid());
                if (message != null && from.equals(message.commitSegment)) {
                    commits.add(commit);
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
        addIds.forEach(id -> load(reader, id, adds));
        updateIds.forEach(id -> load(reader, id, updates));
    }

    private static void load(EnvelopeReader reader, long evpid, List<Envelope> into) {
        if (reader.read(new EvpId(evpid)) instanceof Loaded.Found(Envelope envelope)) {
            into.add(envelope);
        }
    }

    boolean isEmpty() {
        return commits.isEmpty() && adds.isEmpty() && updates.isEmpty() && removals.isEmpty();
    }

    /// Writes it as a payload that begins at `start`; the effects' offsets are in that payload.
    TxEffects write(GrowBuffer out, int start) {
        TxEffects effects = new TxEffects();
        out.putByte(commits.isEmpty() ? 0 : 1);
        for (TxEffects.Committed c : commits) {
            TxCodec.writeCommit(c.msgid(), c.size(), c.crc(), c.chunks(), out);
            effects.commit(c.msgid(), c.size(), c.crc(), c.chunks());
        }
        out.putInt(adds.size());
        for (Envelope envelope : adds) {
            int item = TxCodec.beginItem(envelope.id().value(), out);
            EnvelopeCodec.write(envelope, out);
            TxCodec.endItem(item, out);
            int offset = item + TxCodec.ITEM_PREFIX;
            effects.add(envelope.id().value(), offset - start, out.position() - offset);
        }
        out.putInt(updates.size());
        for (Envelope envelope : updates) {
            int item = TxCodec.beginItem(envelope.id().value(), out);
            EnvelopeCodec.writeState(envelope.state(), out);
            TxCodec.endItem(item, out);
            int offset = item + TxCodec.ITEM_PREFIX;
            effects.update(envelope.id().value(), offset - start, out.position() - offset);
        }
        out.putInt(removals.size());
        for (TxEffects.Removal removal : removals) {
            out.putLong(removal.evpid());
            out.putInt(removal.from());
            out.putInt(removal.to());
            effects.remove(removal.evpid(), removal.from(), removal.to());
        }
        return effects;
    }
}
