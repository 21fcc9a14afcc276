package smtpd.scheduler;

import smtpd.core.conf.Limits;
import smtpd.core.imsg.QueueSummary;
import smtpd.core.imsg.ScheduleEntry;
import smtpd.core.imsg.ScheduleState;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.imsg.Selection;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/// A [SqliteRunQueue] that goes on when its disk takes nothing: its index is kept in memory then,
/// until the disk has room again.
///
/// The index is no truth, only the queue is: what could not be written is not mourned, but all is
/// asked for again, in memory and once more when it returns to the disk ([#isLost()]). Mail is
/// delivered meanwhile, which is what makes room on a spool that is full.
public final class FallbackRunQueue implements RunQueue, AutoCloseable {
    /// How often it is looked whether the disk has room again.
    static final Duration LOOK_EVERY = Duration.ofMinutes(1);

    /// Room on the disk, in bytes, at which it returns: twice what the log of the index may take.
    static final long ROOM = 64L << 20;

    /// Pages of 4 KiB of an index in memory, outside of the heap: 512 MB, or four million
    /// envelopes. Beyond the process ends and begins anew, as it would for want of memory.
    private static final long MEMORY_PAGES = 128 * 1024;

    /// The disk.
    interface Disk {
        /// Opens the index there. Throws [ShelfException] when the disk takes or gives nothing.
        ShelfFile open() throws IOException;

        /// Puts aside what is damaged.
        void putAside() throws IOException;

        /// Bytes that are free.
        long room();
    }

    private final Limits.Scheduler limits;
    private final RandomGenerator random;
    private final Capacity capacity;
    private final Disk disk;
    private final Consumer<String> warnings;
    private final Set<DeliveryType> paused = EnumSet.noneOf(DeliveryType.class);
    private SqliteRunQueue current;
    private Instant lookAt = Instant.MAX;
    private Instant last = Instant.EPOCH;
    private boolean inMemory;
    private boolean lost;
    private boolean loaded;

    /// Opens the index in a directory, or begins one.
    ///
    /// @param limits bounds of what is handed out
    /// @param random spreads what is overdue at the start
    /// @param directory where it is
    /// @param names how names of destinations stand in it
    /// @param warnings told what was wrong with it
    public static FallbackRunQueue open(
            Limits.Scheduler limits,
            RandomGenerator random,
            Path directory,
            ShelfNames names,
            Consumer<String> warnings)
            throws IOException {
        Disk disk =
                new Disk() {
                    @Override
                    public ShelfFile open() throws IOException {
                        return ShelfFile.open(directory, names, warnings);
                    }

                    @Override
                    public void putAside() throws IOException {
                        ShelfFile.putAside(directory);
                    }

                    @Override
                    public long room() {
                        return directory.toFile().getUsableSpace();
                    }
                };
        return new FallbackRunQueue(limits, random, Capacity.DEFAULT, disk, warnings);
    }

    FallbackRunQueue(
            Limits.Scheduler limits,
            RandomGenerator random,
            Capacity capacity,
            Disk disk,
            Consumer<String> warnings)
            throws IOException {
        this.limits = limits;
        this.random = random;
        this.capacity = capacity;
        this.disk = disk;
        this.warnings = warnings;
        SqliteRunQueue opened;
        try {
            opened = onDisk();
        } catch (ShelfException e) {
            warn(e);
            opened = inMemory();
            inMemory = true;
            lookAt = Instant.EPOCH;
        }
        current = opened;
    }

    private SqliteRunQueue onDisk() throws IOException {
        try {
            return over(disk.open());
        } catch (ShelfException e) {
            if (!e.isDamaged()) {
                throw e;
            }
            warnings.accept(e.getMessage() + "; put aside, and made anew from the queue");
            disk.putAside();
            return over(disk.open());
        }
    }

    private SqliteRunQueue inMemory() {
        return over(ShelfFile.inMemory(MEMORY_PAGES));
    }

    private SqliteRunQueue over(ShelfFile file) {
        try {
            return new SqliteRunQueue(limits, random, file, capacity);
        } catch (ShelfException e) {
            file.close();
            throw e;
        }
    }

    private void warn(ShelfException e) {
        warnings.accept(
                e.getMessage() + "; the index is kept in memory until the disk takes it again");
    }

    /// Has the queue in use do something, or the one in memory when the disk takes nothing.
    private <T> T ask(Function<SqliteRunQueue, T> what) {
        try {
            return what.apply(current);
        } catch (ShelfException e) {
            if (inMemory || !e.isDisk()) {
                throw e;
            }
            warn(e);
            current.abandon();
            use(inMemory(), true);
            return what.apply(current);
        }
    }

    private <T> T ask(Instant now, Function<SqliteRunQueue, T> what) {
        last = now;
        return ask(what);
    }

    private void use(SqliteRunQueue next, boolean memory) {
        current = next;
        inMemory = memory;
        lookAt = memory ? last.plus(LOOK_EVERY) : Instant.MAX;
        lost = true;
        loaded = false;
        paused.forEach(type -> current.pause(type, true, last));
    }

    /// Returns to the disk if there is room, but not while the queue is still telling what there
    /// is.
    private void look() {
        if (!inMemory || last.isBefore(lookAt)) {
            return;
        }
        lookAt = last.plus(LOOK_EVERY);
        if (!loaded || disk.room() < ROOM) {
            return;
        }
        SqliteRunQueue next;
        try {
            next = onDisk();
        } catch (ShelfException | IOException _) {
            // said once already; it is looked again
            return;
        }
        current.abandon();
        use(next, false);
        warnings.accept("the index is on disk again");
    }

    /// Whether the index is in memory for want of a disk.
    boolean isInMemory() {
        return inMemory;
    }

    @Override
    public boolean isLost() {
        return lost;
    }

    @Override
    public void clear() {
        ask(it -> {
            it.clear();
            return true;
        });
        lost = false;
        loaded = false;
    }

    @Override
    public boolean compares() {
        return current.compares();
    }

    @Override
    public void found(List<ScheduleEntry> entries, List<EvpId> inHand, Instant now) {
        ask(
                now,
                it -> {
                    it.found(entries, inHand, now);
                    return true;
                });
    }

    @Override
    public boolean forgetsMore() {
        return ask(SqliteRunQueue::forgetsMore);
    }

    @Override
    public void loaded() {
        ask(it -> {
            it.loaded();
            return true;
        });
        loaded = true;
    }

    @Override
    public void submit(ScheduleEntry entry) {
        current.submit(entry);
    }

    @Override
    public int rollback(MsgId msgid) {
        return current.rollback(msgid);
    }

    @Override
    public int commit(MsgId msgid, Instant now) {
        return ask(now, it -> it.commit(msgid, now));
    }

    @Override
    public boolean delivered(EvpId id) {
        return ask(it -> it.delivered(id));
    }

    @Override
    public boolean deferred(EvpId id, Instant lastTry, Instant now) {
        return ask(now, it -> it.deferred(id, lastTry, now));
    }

    @Override
    public boolean returned(EvpId id, Instant now) {
        return ask(now, it -> it.returned(id, now));
    }

    @Override
    public boolean hold(EvpId id, long holdq, Instant now) {
        return ask(now, it -> it.hold(id, holdq, now));
    }

    @Override
    public int release(DeliveryType type, long holdq, int count, Instant now) {
        return ask(now, it -> it.release(type, holdq, count, now));
    }

    /// A command ends with the queue that it was for.
    private Sweep sweep(Function<SqliteRunQueue, Sweep> command) {
        SqliteRunQueue queue = current;
        Sweep sweep = command.apply(queue);
        return now ->
                ask(now, it -> it.equals(queue) ? sweep.next(now) : Sweep.Part.all(Sweep.NONE));
    }

    @Override
    public Sweep schedule(Selection which) {
        return sweep(it -> it.schedule(which));
    }

    @Override
    public Sweep schedule(String destination) {
        return sweep(it -> it.schedule(destination));
    }

    @Override
    public Sweep remove(Selection which) {
        return sweep(it -> it.remove(which));
    }

    @Override
    public Sweep suspend(Selection which, boolean on) {
        return sweep(it -> it.suspend(which, on));
    }

    @Override
    public Sweep extend(Selection which, String domain, Duration by) {
        return sweep(it -> it.extend(which, domain, by));
    }

    @Override
    public boolean pause(DeliveryType type, boolean on, Instant now) {
        boolean changed = ask(now, it -> it.pause(type, on, now));
        if (on) {
            paused.add(type);
        } else {
            paused.remove(type);
        }
        return changed;
    }

    @Override
    public List<ScheduleState> states(List<EvpId> ids) {
        return ask(it -> it.states(ids));
    }

    @Override
    public Census census() {
        return current.census();
    }

    @Override
    public QueueSummary summary(int destinations, Instant now) {
        return ask(now, it -> it.summary(destinations, now));
    }

    @Override
    public int overdue() {
        return current.overdue();
    }

    @Override
    public int stale() {
        return current.stale();
    }

    @Override
    public Optional<Instant> wake() {
        Optional<Instant> wake = current.wake();
        return !inMemory || (wake.isPresent() && wake.get().isBefore(lookAt))
                ? wake
                : Optional.of(lookAt);
    }

    @Override
    public boolean isUnsaved() {
        return current.isUnsaved();
    }

    @Override
    public void save() {
        ask(it -> {
            it.save();
            return true;
        });
    }

    @Override
    public List<SchedulerToQueue> work(Instant now) {
        last = now;
        look();
        return ask(it -> it.work(now));
    }

    @Override
    public void close() {
        try {
            current.close();
        } catch (ShelfException e) {
            warnings.accept(e.getMessage() + "; the next start asks the queue");
            current.abandon();
        }
    }
}
