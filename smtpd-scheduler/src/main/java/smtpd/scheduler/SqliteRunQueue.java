package smtpd.scheduler;

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

/// A run queue whose index is on disk (`scheduler backend sqlite`): however many envelopes there
/// are, a bounded number of them is in memory, in a [RamRunQueue]; what only waits is on a [Shelf].
///
/// New mail that is due goes into memory, if there is room, and never sees the disk if it is
/// delivered at once. What is put off, is suspended, or finds no room, goes to the shelf. What
/// wakes there is brought in by destination, the oldest first, whole messages together, within the
/// destination's share ([Room]): a backlog for a destination that answers nothing keeps nobody else
/// waiting.
///
/// The shelf outlives the process: what was due is handed out at once after a start, while the
/// queue says which envelopes there are ([Merge]).
final class SqliteRunQueue implements RunQueue, AutoCloseable {
    /// Rows brought in by one call of [#work], so that the call stays short.
    private static final int FILL_MAX = 5_000;

    /// How often rows are looked through for what has expired while it waited for room.
    private static final long EXPIRE_EVERY_MILLIS = 1_000;

    private final ShelfFile file;
    private final Shelf shelf;
    private final ShelfCommands commands;
    private final RamRunQueue memory;
    private final Room room;
    private final Sparing sparing = new Sparing();
    private final ShelfSweeps sweeps;
    private final Merge merge;
    private final Overdue overdue;
    private int messages;
    private long lastNow;
    private long expiredUpTo = Long.MIN_VALUE;
    private long expireNext;

    /// Takes over an open database.
    ///
    /// @param limits bounds of what is handed out
    /// @param random spreads what is overdue at the start
    /// @param file the database
    /// @param capacity bounds of what is in memory
    SqliteRunQueue(
            Limits.Scheduler limits, RandomGenerator random, ShelfFile file, Capacity capacity) {
        this.file = file;
        shelf = new Shelf(file, this::forgetNumber);
        commands = new ShelfCommands(file, shelf);
        memory = new RamRunQueue(limits, random, new ToShelf());
        room = new Room(capacity, memory, shelf);
        sweeps = new ShelfSweeps(memory, shelf, commands, this::millis);
        merge = new Merge(this, shelf);
        overdue = new Overdue();
        clear();
    }

    /// Where the memory leaves what only waits.
    private final class ToShelf implements Overflow {
        @Override
        public boolean takes(Entry entry, boolean ready, long expiry) {
            if (ready ? room.has(entry.group.destination, lastNow) : entry.returns > 0) {
                return false;
            }
            shelf.put(entry, expiry);
            return true;
        }

        @Override
        public void left(Destination destination) {
            room.left(destination);
        }
    }

    private void forgetNumber(Shelf.Lane lane) {
        room.forget(lane);
    }

    private long millis(Instant now) {
        lastNow = now.toEpochMilli();
        return lastNow;
    }

    @Override
    public void clear() {
        room.clear();
        sweeps.clear();
        memory.clear();
        shelf.begin();
        merge.begin();
        overdue.begin(shelf.rows());
        messages = shelf.messages();
        expiredUpTo = Long.MIN_VALUE;
    }

    @Override
    public boolean compares() {
        return true;
    }

    @Override
    public void found(List<ScheduleEntry> entries, List<EvpId> inHand, Instant now) {
        merge.found(entries, inHand, millis(now));
    }

    @Override
    public boolean forgetsMore() {
        return merge.forgetsMore();
    }

    @Override
    public void loaded() {
        merge.end();
        memory.loaded();
    }

    @Override
    public void submit(ScheduleEntry entry) {
        memory.submit(entry);
    }

    @Override
    public int rollback(MsgId msgid) {
        return memory.rollback(msgid);
    }

    @Override
    public int commit(MsgId msgid, Instant now) {
        return take(memory.close(msgid), millis(now));
    }

    /// Takes in the envelopes of one message. What an earlier run left on the shelf is brought up
    /// to date, what this run knows stays as it is.
    ///
    /// @return how many are new
    int take(List<ScheduleEntry> changeset, long now) {
        if (changeset.isEmpty()) {
            return 0;
        }
        MsgId msgid = changeset.getFirst().id().msgid();
        boolean shelved = shelf.has(msgid);
        List<ScheduleEntry> fresh = changeset;
        int replaced = 0;
        if (shelved) {
            fresh = new ArrayList<>(changeset.size());
            for (ScheduleEntry entry : changeset) {
                Shelf.Row row = shelf.get(entry.id().value());
                if (row == null || merge.replaces(row, entry)) {
                    fresh.add(entry);
                    replaced += row == null ? 0 : 1;
                }
            }
        }
        boolean known = memory.messages().has(msgid) || (shelved && shelf.has(msgid));
        room.arrives();
        int count = memory.take(fresh, Instant.ofEpochMilli(now));
        room.arrived();
        if (!known && count > 0) {
            messages++;
        }
        return count - replaced;
    }

    /// Forgets a row that the queue has no envelope for any more.
    void forget(Shelf.Row row) {
        shelf.remove(row);
        forgetMessage(new EvpId(row.id()).msgid());
    }

    private void forgetMessage(MsgId msgid) {
        if (!memory.messages().has(msgid) && !shelf.has(msgid)) {
            messages--;
        }
    }

    @Override
    public boolean delivered(EvpId id) {
        boolean known = memory.delivered(id);
        Shelf.Row row = shelf.get(id.value());
        if (row != null) {
            shelf.remove(row);
        }
        if (known || row != null) {
            forgetMessage(id.msgid());
        }
        return known || row != null;
    }

    @Override
    public boolean deferred(EvpId id, Instant lastTry, Instant now) {
        millis(now);
        if (memory.messages().get(id.value()) == null) {
            Shelf.Row row = shelf.get(id.value());
            if (row == null) {
                return false;
            }
            shelf.takeOut(row);
            adopt(row);
        }
        return memory.deferred(id, lastTry, now);
    }

    @Override
    public boolean returned(EvpId id, Instant now) {
        millis(now);
        return memory.returned(id, now);
    }

    @Override
    public boolean hold(EvpId id, long holdq, Instant now) {
        millis(now);
        return memory.hold(id, holdq, now);
    }

    @Override
    public int release(DeliveryType type, long holdq, int count, Instant now) {
        millis(now);
        return memory.release(type, holdq, count, now);
    }

    /// Brings a row into memory, without a place.
    private Entry adopt(Shelf.Row row) {
        Shelf.Lane lane = shelf.lane(row.destination());
        Shelf.Times times = row.times();
        Entry entry =
                memory.messages()
                        .add(
                                new ScheduleEntry(
                                        new EvpId(row.id()),
                                        lane.type(),
                                        lane.name(),
                                        Instant.ofEpochMilli(times.created()),
                                        Duration.ofSeconds(times.ttl()),
                                        0,
                                        Instant.ofEpochMilli(times.tried()),
                                        row.is(Entry.SUSPENDED)));
        entry.due = times.due();
        entry.lastTry = times.tried();
        entry.restore(row.flags());
        entry.set(Entry.OUT);
        entry.group.destination.lane = lane.number();
        entry.group.destination.out++;
        if (row.run() != shelf.run()) {
            memory.arrivals().graceAgain(entry, lastNow);
        }
        if (sparing.spares(entry)) {
            entry.set(Entry.SPARED);
        }
        return entry;
    }

    private void bringIn(List<Shelf.Row> rows) {
        for (Shelf.Row row : rows) {
            shelf.takeOut(row);
        }
        for (Shelf.Row row : rows) {
            Entry entry = adopt(row);
            memory.place(entry, lastNow);
            sweeps.missed(entry);
        }
    }

    /// Brings in what has woken, as far as there is room.
    private void fill(long now) {
        if (shelf.nextEnd() <= now && room.ending() > 0) {
            bringIn(shelf.due(Shelf.ENDS, now, room.ending()));
            shelf.endsWakeByFirst();
        }
        for (DeliveryType type : DeliveryType.values()) {
            fill(type, now);
        }
    }

    private void fill(DeliveryType type, long now) {
        int brought = 0;
        while (brought < FILL_MAX && wake(type) <= now) {
            Shelf.Lane lane = shelf.first(type);
            if (lane == null) {
                return;
            }
            brought += 1 + bringIn(lane, now);
        }
    }

    /// Brings in what has woken in a lane, within its share.
    private int bringIn(Shelf.Lane lane, long now) {
        Destination before = memory.messages().names().find(lane.type(), lane.name());
        int has = before == null ? 0 : before.envelopes;
        int share = room.share(lane.type(), before);
        int count = 0;
        if (share > has) {
            List<Shelf.Row> rows = whole(lane, now, overdue.limit(share - has, now));
            overdue.brought(rows, shelf.run());
            bringIn(rows);
            count = rows.size();
        }
        Destination after = memory.messages().names().find(lane.type(), lane.name());
        if (after != null && count > 0) {
            after.beside = 0;
        }
        if (after != null && shelf.firstWake(lane.number()) <= now && !overdue.isSpent(now)) {
            room.park(after, lane);
        } else {
            shelf.wakeByFirst(lane);
        }
        return count;
    }

    /// What has woken in a lane, at least so many, and whole messages.
    private List<Shelf.Row> whole(Shelf.Lane lane, long now, int atLeast) {
        List<Shelf.Row> rows = shelf.due(lane.number(), now, atLeast + 1);
        if (rows.size() <= atLeast) {
            return rows;
        }
        int end = atLeast;
        if (sameMessage(rows, end)) {
            rows = shelf.due(lane.number(), now, atLeast + Batches.BATCH_MAX);
            while (end < rows.size() && sameMessage(rows, end)) {
                end++;
            }
        }
        return rows.subList(0, end);
    }

    /// Whether a row is of the message of the one before it.
    private static boolean sameMessage(List<Shelf.Row> rows, int at) {
        return (rows.get(at).key() ^ rows.get(at - 1).key()) >>> 32 == 0;
    }

    /// When something of a type can be brought in; never while there is no room.
    private long wake(DeliveryType type) {
        long next = shelf.next(type);
        if (memory.isPaused(type) || room.isFull(type) || next == Shelf.NEVER) {
            return Shelf.NEVER;
        }
        return Math.max(next, overdue.open(lastNow));
    }

    @Override
    public Optional<Instant> wake() {
        long wake = Shelf.NEVER;
        if (room.ending() > 0) {
            wake = shelf.nextEnd();
        }
        for (DeliveryType type : DeliveryType.values()) {
            wake = Math.min(wake, wake(type));
        }
        Optional<Instant> first = memory.wake();
        if (wake == Shelf.NEVER) {
            return first;
        }
        Instant ours = Instant.ofEpochMilli(wake);
        return first.isPresent() && first.get().isBefore(ours) ? first : Optional.of(ours);
    }

    @Override
    public List<SchedulerToQueue> work(Instant now) {
        long at = millis(now);
        fill(at);
        expire(at);
        return memory.work(now);
    }

    /// What waits for room expires nevertheless: the rows are looked through a part at a time.
    private void expire(long now) {
        if (now < expireNext || sparing.isUsed() || !(shelf.hasParked() || isFull(now))) {
            return;
        }
        expireNext = now + EXPIRE_EVERY_MILLIS;
        ShelfCommands.Range rest = new ShelfCommands.Range(expiredUpTo, Long.MAX_VALUE);
        long end = commands.end(rest);
        commands.expire(new ShelfCommands.Range(expiredUpTo, end), now);
        expiredUpTo = end == Long.MAX_VALUE ? Long.MIN_VALUE : end;
    }

    private boolean isFull(long now) {
        for (DeliveryType type : DeliveryType.values()) {
            if (shelf.next(type) <= now && !memory.isPaused(type)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public Sweep schedule(Selection which) {
        return sweeps.schedule(which);
    }

    @Override
    public Sweep schedule(String destination) {
        return sweeps.schedule(destination);
    }

    @Override
    public Sweep remove(Selection which) {
        return sweeps.remove(which);
    }

    @Override
    public Sweep suspend(Selection which, boolean on) {
        return sweeps.suspend(which, on);
    }

    @Override
    public Sweep extend(Selection which, String domain, Duration by) {
        return sweeps.extend(which, domain, by);
    }

    @Override
    public boolean pause(DeliveryType type, boolean on, Instant now) {
        millis(now);
        boolean changed = memory.pause(type, on, now);
        if (changed) {
            sparing.pause(type, on, lastNow);
        }
        if (changed && on) {
            for (Entry entry : memory.messages().select(new Selection(0))) {
                if (entry.group.destination.type == type && entry.is(Entry.READY)) {
                    memory.place(entry, lastNow);
                }
            }
        }
        return changed;
    }

    @Override
    public List<ScheduleState> states(List<EvpId> ids) {
        List<ScheduleState> states = new ArrayList<>(ids.size());
        for (EvpId id : ids) {
            List<ScheduleState> found = memory.states(List.of(id));
            Shelf.Row row = found.isEmpty() ? shelf.get(id.value()) : null;
            states.addAll(found);
            if (row != null) {
                states.add(
                        new ScheduleState(
                                id,
                                SchedulePhase.PENDING,
                                row.is(Entry.SUSPENDED),
                                Instant.ofEpochMilli(row.times().due()),
                                Instant.ofEpochMilli(row.times().tried())));
            }
        }
        return states;
    }

    @Override
    public Census census() {
        Census here = memory.census();
        return new Census(
                here.envelopes() + shelf.waiting(),
                messages,
                here.incoming(),
                here.changesets(),
                here.inflight(),
                here.held(),
                here.holdQueues());
    }

    /// How many envelopes are in memory.
    int inMemory() {
        return memory.census().envelopes();
    }

    @Override
    public QueueSummary summary(int destinations, Instant now) {
        return new Overview(memory, shelf).summary(destinations, now);
    }

    @Override
    public int overdue() {
        return memory.overdue() + merge.overdue();
    }

    @Override
    public int stale() {
        return memory.stale() + merge.stale();
    }

    @Override
    public boolean isUnsaved() {
        return shelf.isUnsaved();
    }

    @Override
    public void save() {
        shelf.save();
    }

    /// Forgets what was not kept.
    void abandon() {
        file.close();
    }

    @Override
    public void close() {
        shelf.save();
        file.close();
    }
}
