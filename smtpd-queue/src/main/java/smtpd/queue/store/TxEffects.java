package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;

import java.util.ArrayList;
import java.util.List;

/// What a transaction record changes in the index.
final class TxEffects implements TxCodec.Visitor {
    /// A commit.
    record Committed(int msgid, long size, int crc, int chunks) {}

    /// A label.
    record Labelled(int msgid, Bytes label) {}

    /// An addition or update; the offset is of its bytes in the payload. Of an update, the CRC-32C.
    record Item(long evpid, int offset, int length, int crc) {}

    /// A removal, and the segments that may hold what is removed.
    record Removal(long evpid, int from, int to) {}

    private final List<Committed> commits = new ArrayList<>(1);
    private final List<Labelled> labels = new ArrayList<>(0);
    private final List<Item> adds = new ArrayList<>(1);
    private final List<Item> updates = new ArrayList<>(1);
    private final List<Removal> removals = new ArrayList<>(1);
    private @Nullable Bytes roster;

    @Override
    public void commit(int msgid, long size, int crc, int chunks) {
        commits.add(new Committed(msgid, size, crc, chunks));
    }

    @Override
    public void label(int msgid, Bytes label) {
        labels.add(new Labelled(msgid, label));
    }

    @Override
    public void roster(Bytes it) {
        roster = it;
    }

    @Override
    public void add(long evpid, int offset, int length) {
        adds.add(new Item(evpid, offset, length, 0));
    }

    @Override
    public void update(long evpid, int offset, int length, int crc) {
        updates.add(new Item(evpid, offset, length, crc));
    }

    @Override
    public void remove(long evpid, int from, int to) {
        removals.add(new Removal(evpid, from, to));
    }

    List<Committed> commits() {
        return commits;
    }

    List<Labelled> labels() {
        return labels;
    }

    List<Item> adds() {
        return adds;
    }

    List<Item> updates() {
        return updates;
    }

    List<Removal> removals() {
        return removals;
    }

    /// The roster, or null.
    @Nullable Bytes roster() {
        return roster;
    }

    /// Makes the changes but for the commits; `payload` is where the payload is in the segment.
    void applyRest(Index index, Segment segment, int payload) {
        if (roster != null) {
            index.roster(roster, segment);
        }
        for (Labelled label : labels) {
            index.label(label.msgid(), label.label(), segment);
        }
        for (Item add : adds) {
            index.add(add.evpid(), segment, payload + add.offset(), add.length());
        }
        for (Item update : updates) {
            int offset = payload + update.offset();
            index.update(update.evpid(), segment, offset, update.length(), update.crc());
        }
        for (Removal removal : removals) {
            index.remove(removal.evpid());
            segment.noteRemoval(removal.from(), removal.to());
        }
    }
}
