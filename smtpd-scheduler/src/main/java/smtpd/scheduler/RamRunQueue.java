package smtpd.scheduler;

import org.jspecify.annotations.Nullable;

import smtpd.core.conf.Limits;
import smtpd.core.imsg.QueueSummary;
import smtpd.core.imsg.ScheduleEntry;
import smtpd.core.imsg.SchedulePhase;
import smtpd.core.imsg.ScheduleState;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.imsg.Selection;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// A run queue in memory (`scheduler backend ram`): about 180 bytes for each envelope.
public final class RamRunQueue implements RunQueue {
    /*
     * State
     *
     *   changeset --commit--> PENDING --work--> INFLIGHT --delivered--> gone
     *       |                  ^  ^  |             |
     *    rollback              |  |  |             +--deferred, returned--> PENDING
     *       |                  |  |  |             +--hold--> HELD --release, schedule--> PENDING
     *      gone                |  |  |             +--hold, queue full--> PENDING (overflow backoff)
     *                          |  |  +--work, removed or expired--> LEAVING --delivered--> gone
     *                          |  +------- not done: again after LEAVE_AGAIN -------+
     *
     *   Flags: READY (due, in turn), SUSPENDED (not handed out, expires nevertheless), REMOVED (to be
     *   removed as soon as no attempt is under way), EXPIRED (listed to be expired), GRACE (found at
     *   the start: does not expire before its first attempt has ended or the grace is over), SPARED
     *   (its type was paused when its time was over: does not expire before an attempt has ended,
     *   unless it is suspended).
     *
     * Invariants
     *
     *   1. An envelope is in `messages` from its commit until it is gone, and in exactly one group.
     *   2. PENDING and HELD envelopes that are neither REMOVED nor EXPIRED are in `timeline` at the
     *      time of their next change; no others are, but those that wait for LEAVE_AGAIN;
     *      one that is SPARED and ready need not be.
     *   3. READY: PENDING, due, not suspended; its group is in `turns`, or parked in `shares`.
     *   4. REMOVED or EXPIRED and PENDING: in `turns`, or waiting for LEAVE_AGAIN.
     *   5. HELD: in exactly one hold queue; others in none.
     *   6. `shares` counts INFLIGHT, `leaving` counts LEAVING; the former is at most max-inflight.
     *   7. All envelopes of a changeset become due in the same step.
     *
     * Limits
     *
     *   Envelopes: what the queue holds, at about 180 bytes each and their destinations' names.
     *   Every step is O(log n) for each envelope it changes.
     *   INFLIGHT: max-inflight. LEAVING: LEAVING_MAX. Hold queue: HoldQueue.HELD_MAX.
     *   One call of work: max-schedule batches, COLLECT_MAX due envelopes and the rest of a message.
     *   A delivery batch: Batches.BATCH_MAX or max-evp-batch-size, whichever is more, and max-inflight.
     *   One destination's or message's part of max-inflight: [Shares].
     *   A removal or expiry: max-evp-batch-size.
     */

    /// Removals and expiries handed out and not yet done.
    static final int LEAVING_MAX = 10_000;

    /// Due envelopes moved into turn by one call of [#work], so that the call stays short.
    static final int COLLECT_MAX = 10_000;

    /// The queue could not remove or expire an envelope: it is asked again after this.
    static final long LEAVE_AGAIN_MILLIS = 10_000;

    /// An envelope whose deliverer died waits this long, doubled each time in a row.
    static final long RETURN_MILLIS = 1_000;

    /// How often the wait of a returned envelope doubles: to about a minute.
    static final int RETURN_DOUBLINGS = 6;

    private static final long NEVER = Long.MAX_VALUE;

    private final Limits.Scheduler limits;
    private final Arrivals arrivals;
    private final Changesets changesets = new Changesets();
    private final Overflow overflow;
    private final Messages messages;
    private final Timeline timeline = new Timeline();
    private final HoldQueues holdQueues = new HoldQueues();
    private final Turns turns = new Turns();
    private final Shares shares;
    private final Batches batches;
    private final Pauses pauses = new Pauses();
    private final Commands commands = new Commands(this);
    private Turns.Turn turn = Turns.Turn.REMOVED;
    private int leaving;

    /// An empty run queue that expects a load.
    ///
    /// @param limits bounds of what is handed out
    /// @param random spreads what is overdue at the start
    public RamRunQueue(Limits.Scheduler limits, RandomGenerator random) {
        this(limits, random, Overflow.NONE);
    }

    /// One that keeps what is being worked on.
    ///
    /// @param overflow takes the rest
    RamRunQueue(Limits.Scheduler limits, RandomGenerator random, Overflow overflow) {
        this.limits = limits;
        this.overflow = overflow;
        messages = new Messages(overflow::left);
        arrivals = new Arrivals(limits.retry(), random);
        shares = new Shares(limits.maxInflight());
        batches = new Batches(limits, turns, shares, timeline, pauses);
    }

    @Override
    public void clear() {
        arrivals.restart();
        changesets.clear();
        messages.clear();
        timeline.clear();
        holdQueues.clear();
        turns.clear();
        shares.clear();
        batches.clear();
        leaving = 0;
    }

    @Override
    public boolean compares() {
        return false;
    }

    @Override
    public void found(List<ScheduleEntry> entries, List<EvpId> inHand, Instant now) {
        for (ScheduleEntry entry : entries) {
            take(List.of(entry), now);
        }
    }

    @Override
    public boolean forgetsMore() {
        return false;
    }

    @Override
    public void loaded() {
        arrivals.loaded();
    }

    @Override
    public void submit(ScheduleEntry entry) {
        changesets.add(entry);
    }

    @Override
    public int rollback(MsgId msgid) {
        return changesets.close(msgid).size();
    }

    @Override
    public int commit(MsgId msgid, Instant now) {
        return take(changesets.close(msgid), now);
    }

    /// Takes in the envelopes of one message that are not there yet.
    int take(List<ScheduleEntry> changeset, Instant now) {
        long at = now.toEpochMilli();
        long[] created = new long[changeset.size()];
        for (int i = 0; i < created.length; i++) {
            created[i] = arrivals.created(changeset.get(i), at);
        }
        List<@Nullable Entry> added = messages.add(changeset, created);
        arrive(changeset, added, at);
        int count = 0;
        for (Entry entry : added) {
            if (entry != null) {
                place(entry, at);
                count++;
            }
        }
        return count;
    }

    private void arrive(List<ScheduleEntry> changeset, List<@Nullable Entry> added, long now) {
        long spread = -1;
        for (int i = 0; i < added.size(); i++) {
            Entry entry = added.get(i);
            if (entry == null) {
                continue;
            }
            ScheduleEntry from = changeset.get(i);
            entry.due = now;
            entry.lastTry = Math.max(0, from.lastTry().toEpochMilli());
            if (from.suspended()) {
                entry.set(Entry.SUSPENDED);
            }
            if (arrivals.left(from, entry.created, now)) {
                spread = spread < 0 ? arrivals.spread(from.id().msgid()) : spread;
                entry.due = arrivals.due(from, entry.created, now, spread);
                arrivals.grace(entry, now);
            }
        }
    }

    @Override
    public boolean delivered(EvpId id) {
        Entry entry = messages.get(id.value());
        if (entry == null) {
            return false;
        }
        if (entry.phase == Entry.Phase.INFLIGHT) {
            entry.group.destination.flow.attempted(true);
        }
        leave(entry);
        messages.remove(entry);
        return true;
    }

    @Override
    public boolean deferred(EvpId id, Instant lastTry, Instant now) {
        Entry entry = messages.get(id.value());
        if (entry == null) {
            return false;
        }
        entry.lastTry = Math.max(0, lastTry.toEpochMilli());
        if (entry.phase == Entry.Phase.LEAVING) {
            askAgain(entry, now.toEpochMilli());
            return true;
        }
        entry.group.destination.flow.attempted(false);
        entry.clear(Entry.GRACE);
        entry.clear(Entry.SPARED);
        entry.returns = 0;
        long at = now.toEpochMilli();
        Destination to = entry.group.destination;
        to.lastDeferred = entry.id;
        pend(entry, Backoff.next(limits.retry(), to.type, to.name, entry.created, at), at);
        return true;
    }

    @Override
    public boolean returned(EvpId id, Instant now) {
        Entry entry = messages.get(id.value());
        if (entry == null) {
            return false;
        }
        long at = now.toEpochMilli();
        if (entry.phase == Entry.Phase.LEAVING) {
            askAgain(entry, at);
            return true;
        }
        if (entry.phase != Entry.Phase.INFLIGHT) {
            return false;
        }
        long wait = RETURN_MILLIS << entry.returns;
        entry.returns = (byte) Math.min(entry.returns + 1, RETURN_DOUBLINGS);
        pend(entry, at + wait, at);
        return true;
    }

    @Override
    public boolean hold(EvpId id, long holdq, Instant now) {
        Entry entry = messages.get(id.value());
        if (entry == null || entry.phase != Entry.Phase.INFLIGHT) {
            return true;
        }
        long at = now.toEpochMilli();
        entry.returns = 0;
        if (!holdQueues.park(entry, entry.group.destination.type, holdq)) {
            pend(entry, Backoff.next(Backoff.OVERFLOW_MILLIS, entry.created, at), at);
            return false;
        }
        shares.end(entry.group);
        entry.phase = Entry.Phase.HELD;
        entry.due = at;
        place(entry, at);
        return true;
    }

    @Override
    public int release(DeliveryType type, long holdq, int count, Instant now) {
        List<Entry> released =
                holdq == 0 ? holdQueues.releaseAll(type) : holdQueues.release(type, holdq, count);
        for (Entry entry : released) {
            pend(entry, now.toEpochMilli(), now.toEpochMilli());
        }
        return released.size();
    }

    @Override
    public Sweep schedule(Selection which) {
        return now -> Sweep.Part.all(commands.schedule(messages.select(which), now));
    }

    @Override
    public Sweep schedule(String destination) {
        return now -> {
            List<Entry> there = messages.select(new Selection(0));
            there.removeIf(entry -> !goesTo(entry, destination));
            return Sweep.Part.all(commands.schedule(there, now));
        };
    }

    /// Whether an envelope is a remote one for a destination; anything goes nowhere in particular.
    static boolean goesTo(Entry entry, String destination) {
        return destination.isEmpty() || entry.group.destination.is(DeliveryType.MTA, destination);
    }

    @Override
    public Sweep remove(Selection which) {
        return now -> Sweep.Part.all(commands.remove(messages.select(which), now));
    }

    @Override
    public Sweep suspend(Selection which, boolean on) {
        return now -> Sweep.Part.all(commands.suspend(messages.select(which), on, now));
    }

    @Override
    public Sweep extend(Selection which, String domain, Duration by) {
        return now -> {
            List<Entry> there = messages.select(which);
            there.removeIf(entry -> !goesTo(entry, domain));
            return Sweep.Part.all(commands.extend(there, by, now));
        };
    }

    @Override
    public boolean pause(DeliveryType type, boolean on, Instant now) {
        return pauses.set(type, on);
    }

    @Override
    public List<ScheduleState> states(List<EvpId> ids) {
        List<ScheduleState> states = new ArrayList<>(ids.size());
        for (EvpId id : ids) {
            Entry entry = messages.get(id.value());
            if (entry != null) {
                states.add(state(entry));
            }
        }
        return states;
    }

    private static ScheduleState state(Entry entry) {
        SchedulePhase phase =
                switch (entry.phase) {
                    case PENDING, GONE -> SchedulePhase.PENDING;
                    case INFLIGHT, LEAVING -> SchedulePhase.INFLIGHT;
                    case HELD -> SchedulePhase.HELD;
                };
        return new ScheduleState(
                entry.evpid(),
                phase,
                entry.is(Entry.SUSPENDED),
                Instant.ofEpochMilli(entry.due),
                Instant.ofEpochMilli(entry.lastTry));
    }

    @Override
    public Census census() {
        return new Census(
                messages.envelopes(),
                messages.messages(),
                changesets.incoming(),
                changesets.size(),
                shares.inflight(),
                holdQueues.held(),
                holdQueues.queues());
    }

    @Override
    public QueueSummary summary(int destinations, Instant now) {
        return messages.summary(destinations, now.toEpochMilli());
    }

    @Override
    public int overdue() {
        return arrivals.overdue();
    }

    @Override
    public int stale() {
        return arrivals.stale();
    }

    @Override
    public Optional<Instant> wake() {
        Entry first = timeline.first();
        return first == null ? Optional.empty() : Optional.of(Instant.ofEpochMilli(first.wake));
    }

    @Override
    public List<SchedulerToQueue> work(Instant now) {
        long at = now.toEpochMilli();
        collect(at);
        shares.unparkFreed(turns);
        batches.forgetWaiting();
        List<SchedulerToQueue> work = new ArrayList<>();
        int idle = 0;
        while (work.size() < limits.maxSchedule() && idle < Turns.Turn.values().length) {
            SchedulerToQueue batch = take(turn, at);
            turn = turn.next();
            if (batch == null) {
                idle++;
            } else {
                work.add(batch);
                idle = 0;
            }
        }
        return work;
    }

    private @Nullable SchedulerToQueue take(Turns.Turn kind, long now) {
        return switch (kind) {
            case REMOVED -> removal(now);
            case EXPIRED -> expiry(now);
            case BOUNCE -> batches.next(DeliveryType.BOUNCE, now);
            case MDA -> batches.next(DeliveryType.MDA, now);
            case MTA -> batches.next(DeliveryType.MTA, now);
        };
    }

    private @Nullable SchedulerToQueue removal(long now) {
        List<EvpId> ids = new ArrayList<>();
        Entry entry;
        while (mayLeave(ids) && (entry = turns.nextRemoved()) != null) {
            startLeaving(entry, now);
            ids.add(entry.evpid());
        }
        return ids.isEmpty() ? null : new SchedulerToQueue.Remove(ids);
    }

    private @Nullable SchedulerToQueue expiry(long now) {
        List<EvpId> ids = new ArrayList<>();
        Entry entry;
        while (mayLeave(ids) && (entry = turns.nextExpired()) != null) {
            startLeaving(entry, now);
            ids.add(entry.evpid());
        }
        return ids.isEmpty() ? null : new SchedulerToQueue.Expire(ids);
    }

    private boolean mayLeave(List<EvpId> batch) {
        return batch.size() < limits.maxEvpBatchSize() && leaving < LEAVING_MAX;
    }

    private void startLeaving(Entry entry, long now) {
        timeline.remove(entry);
        entry.phase = Entry.Phase.LEAVING;
        entry.due = now;
        leaving++;
    }

    @Override
    public boolean isUnsaved() {
        return false;
    }

    @Override
    public void save() {}

    /// Moves what is due into turn; stops only between two messages.
    private void collect(long now) {
        int collected = 0;
        int msgid = 0;
        Entry first;
        while ((first = timeline.first()) != null && first.wake <= now) {
            int next = (int) (first.id >>> 32);
            if (collected >= COLLECT_MAX && next != msgid) {
                return;
            }
            msgid = next;
            collected++;
            place(first, now);
        }
    }

    /// Ends whatever an envelope was doing and lets it wait until `due`.
    void pend(Entry entry, long due, long now) {
        leave(entry);
        entry.phase = Entry.Phase.PENDING;
        entry.due = due;
        place(entry, now);
    }

    /// Takes an envelope out of whatever its phase put it in.
    private void leave(Entry entry) {
        switch (entry.phase) {
            case INFLIGHT -> shares.end(entry.group);
            case LEAVING -> leaving--;
            case HELD -> holdQueues.remove(entry);
            case PENDING, GONE -> {}
        }
        timeline.remove(entry);
    }

    /// The queue could not remove or expire it: later again.
    private void askAgain(Entry entry, long now) {
        leave(entry);
        entry.phase = Entry.Phase.PENDING;
        entry.due = now + LEAVE_AGAIN_MILLIS;
        timeline.put(entry, entry.due);
    }

    /// Puts a pending or held envelope where its flags and the time say.
    void place(Entry entry, long now) {
        if (entry.expiry() <= now && pauses.paused(entry.group.destination.type)) {
            entry.set(Entry.SPARED);
        }
        long expiry = expiry(entry);
        if (entry.is(Entry.REMOVED | Entry.EXPIRED) || expiry <= now) {
            end(entry);
            return;
        }
        boolean waits = entry.phase == Entry.Phase.PENDING && !entry.is(Entry.SUSPENDED);
        boolean ready = waits && entry.due <= now;
        if (entry.phase == Entry.Phase.PENDING && overflow.takes(entry, ready, expiry)) {
            drop(entry);
            return;
        }
        if (ready) {
            entry.group.makeReady(entry);
            turns.add(entry.group);
        } else {
            entry.group.makeUnready(entry);
        }
        long wake = waits && !ready ? Math.min(entry.due, expiry) : expiry;
        if (wake == NEVER) {
            timeline.remove(entry);
        } else {
            timeline.put(entry, wake);
        }
    }

    /// Forgets an envelope.
    void drop(Entry entry) {
        leave(entry);
        messages.remove(entry);
    }

    /// Every committed envelope.
    Messages messages() {
        return messages;
    }

    /// When what arrives is tried first.
    Arrivals arrivals() {
        return arrivals;
    }

    /// The envelopes of a changeset, which is closed with that.
    List<ScheduleEntry> close(MsgId msgid) {
        return changesets.close(msgid);
    }

    /// What the operator can do to them.
    Commands commands() {
        return commands;
    }

    boolean isPaused(DeliveryType type) {
        return pauses.paused(type);
    }

    /// Envelopes that are about to be removed or expired.
    int ending() {
        return leaving + turns.ending();
    }

    /// Lists an envelope to be removed or expired.
    private void end(Entry entry) {
        leave(entry);
        entry.phase = Entry.Phase.PENDING;
        entry.group.makeUnready(entry);
        if (entry.is(Entry.REMOVED)) {
            turns.addRemoved(entry);
        } else {
            entry.set(Entry.EXPIRED);
            turns.addExpired(entry);
        }
    }

    private long expiry(Entry entry) {
        if (entry.is(Entry.SPARED) && !entry.is(Entry.SUSPENDED)) {
            return NEVER;
        }
        return entry.is(Entry.GRACE)
                ? Math.max(entry.expiry(), arrivals.graceEnd())
                : entry.expiry();
    }
}
