package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.EvpId;
import smtpd.queue.seal.Keyring;
import smtpd.queue.seal.MasterKey;
import smtpd.queue.seal.Roster;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// Keeps the [Roster] of a store: each change takes along what exists after it, sealed, so that at
/// the next start a record that was put back, left out or made up is noticed, whichever store it is
/// in.
///
/// State: the roster as of the last change that was asked for; `pending`, what those changes that
/// are not answered yet do to each envelope. What no pending change touches is as the store says.
///
/// Guarded by itself.
final class RosterKeeper {
    /// An envelope that does not exist.
    static final int ABSENT = -1;

    /// What pending changes make of an envelope.
    private static final class Pending {
        int generation;
        int changes;

        Pending(int generation) {
            this.generation = generation;
        }
    }

    /// A change that was asked for.
    static final class Change {
        private final Set<EvpId> touched = new LinkedHashSet<>();
        private final Map<EvpId, int[]> turns = new LinkedHashMap<>();
    }

    private final RecordStore records;
    private final MasterKey master;
    private final RandomGenerator secret;
    private final Witness witness;
    private final Roster roster;
    private final Map<EvpId, Pending> pending = new LinkedHashMap<>();

    private RosterKeeper(
            RecordStore records,
            MasterKey master,
            RandomGenerator secret,
            Witness witness,
            Roster roster) {
        this.records = records;
        this.master = master;
        this.secret = secret;
        this.witness = witness;
        this.roster = roster;
    }

    /// Compares what is in a store with its roster and what `witness` saw of it, tells of any
    /// difference, and begins a roster of what there is. Null without any key: then there is none.
    /// Throws [IOException] when the witness cannot be written.
    static @Nullable RosterKeeper start(
            RecordStore records,
            Keyring ring,
            RandomGenerator secret,
            Witness witness,
            Consumer<StoreNotice> notices)
            throws IOException {
        Optional<MasterKey> master = ring.any();
        if (master.isEmpty()) {
            // before the store does: a witness of what is gone by our own will would be wrong
            witness.forget();
            if (records.roster().length() > 0) {
                records.commit(RecordTx.roster(Bytes.EMPTY), _ -> {});
            }
            return null;
        }
        Roster roster = new RosterCheck(records, witness, notices).run(ring, secret);
        RosterKeeper keeper = new RosterKeeper(records, master.get(), secret, witness, roster);
        keeper.renew();
        return keeper;
    }

    /// Takes along what exists now. Numbers are in the order of what is asked for.
    private synchronized void renew() {
        Bytes sealed = roster.seal(master, secret);
        long number = roster.number();
        records.commit(
                RecordTx.roster(sealed),
                result -> {
                    if (result instanceof StoreResult.Done) {
                        witness.saw(number);
                    }
                });
    }

    /// The generation of an envelope as of the last change, [#ABSENT] if there is none.
    private int generation(EvpId id) {
        Pending changed = pending.get(id);
        if (changed != null) {
            return changed.generation;
        }
        return records.load(id) instanceof Stored.Found found
                ? RosterCheck.generation(found)
                : ABSENT;
    }

    /// An envelope is in another generation of its state, or absent, by a change.
    private void turn(Change change, EvpId id, int from, int to) {
        if (from != ABSENT) {
            roster.turn(id, from);
        }
        if (to != ABSENT) {
            roster.turn(id, to);
        }
        change.turns.put(id, new int[] {change.turns.getOrDefault(id, new int[] {from})[0], to});
        Pending changed = pending.computeIfAbsent(id, _ -> new Pending(to));
        changed.generation = to;
        if (change.touched.add(id)) {
            changed.changes++;
        }
    }

    /// An envelope comes.
    void add(Change change, EvpId id) {
        turn(change, id, ABSENT, 0);
    }

    /// The generation of the state that an envelope gets now.
    int update(Change change, EvpId id) {
        int before = generation(id);
        if (before == ABSENT) {
            return 1;
        }
        turn(change, id, before, before + 1);
        return before + 1;
    }

    /// Envelopes go.
    void remove(Change change, List<EvpId> ids) {
        for (EvpId id : ids) {
            int before = generation(id);
            if (before != ABSENT) {
                turn(change, id, before, ABSENT);
            }
        }
    }

    /// Asks for a change; it takes the roster along. All changes are asked for in turn, with this
    /// object's monitor held since their first effect on it.
    void commit(Change change, RecordTx tx, Consumer<StoreResult> done) {
        if (change.touched.isEmpty()) {
            records.commit(tx, done);
            return;
        }
        Bytes sealed = roster.seal(master, secret);
        long number = roster.number();
        records.commit(
                tx.with(sealed),
                result -> {
                    if (result instanceof StoreResult.Done) {
                        witness.saw(number);
                    }
                    answered(change, result);
                    done.accept(result);
                });
    }

    private synchronized void answered(Change change, StoreResult result) {
        if (result instanceof Refused refused) {
            withdraw(change);
            if (refused.reason() != Refused.Reason.FAILED) {
                // a later change may have taken along what has no effect now
                renew();
            }
        } else {
            settle(change);
        }
    }

    /// A change comes to nothing.
    synchronized void withdraw(Change change) {
        undo(change);
        settle(change);
    }

    private void settle(Change change) {
        for (EvpId id : change.touched) {
            Pending changed = pending.get(id);
            if (changed != null && --changed.changes == 0) {
                pending.remove(id);
            }
        }
    }

    /// What was refused has no effect; if another change builds on it, nobody knows which.
    private void undo(Change change) {
        for (Map.Entry<EvpId, int[]> turned : change.turns.entrySet()) {
            Pending changed = pending.get(turned.getKey());
            if (changed == null || changed.changes != 1) {
                roster.lose();
                return;
            }
        }
        for (Map.Entry<EvpId, int[]> turned : change.turns.entrySet()) {
            for (int generation : turned.getValue()) {
                if (generation != ABSENT) {
                    roster.turn(turned.getKey(), generation);
                }
            }
        }
    }
}
