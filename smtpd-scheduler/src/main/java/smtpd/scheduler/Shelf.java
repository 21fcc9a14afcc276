package smtpd.scheduler;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.MsgId;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// The envelopes that only wait, in an SQLite database: who they are and when something happens to
/// them, in the order of time for each destination.
///
/// State · a row *waits* (its wake is set), or is *out*: with the run queue in memory, and kept so
/// that a run that is killed finds it again. Waiting rows are in lanes: that of their destination,
/// or [#ENDS]. A lane's next wake is that of its destination, unless it is parked.
///
/// What is changed is kept by [#save]; the queue is the truth, and this an index of it.
///
/// Throws [ShelfException] when the disk fails or the database is damaged.
final class Shelf {
    /// The lane of what is not delivered any more: suspended, removed and expired envelopes.
    static final long ENDS = 0;

    /// When nothing happens any more.
    static final long NEVER = Long.MAX_VALUE;

    /// Destinations whose numbers are remembered.
    private static final int LANES_KNOWN = 10_000;

    private static final String COLUMNS =
            "SELECT id, lane, dest, wake, created, ttl, due, tried, flags, run FROM envelope ";

    /// One envelope.
    ///
    /// @param key its id, the highest bit turned, so that unsigned order is the order of numbers
    /// @param lane where it waits
    /// @param destination the number of its destination
    /// @param out whether the run queue in memory has it
    /// @param wake when something happens to it
    /// @param times what its schedule is made of
    /// @param flags of [Entry]
    /// @param run the run that wrote it
    record Row(
            long key,
            long lane,
            long destination,
            boolean out,
            long wake,
            Times times,
            int flags,
            long run) {
        long id() {
            return key ^ Long.MIN_VALUE;
        }

        boolean is(int flag) {
            return (flags & flag) != 0;
        }
    }

    /// Times of an envelope in milliseconds since the epoch.
    ///
    /// @param created the origin of its schedule
    /// @param ttl seconds from then until it expires
    /// @param due its next try
    /// @param tried its last try, or 0
    record Times(long created, long ttl, long due, long tried) {
        long expiry() {
            return created + ttl * 1000;
        }
    }

    /// A destination.
    ///
    /// @param number its lane
    record Lane(long number, DeliveryType type, String name) {}

    private final ShelfFile file;
    private final Consumer<Lane> forgotten;
    private final Map<String, Long> numbers = new Recent<>(LANES_KNOWN);
    private final Map<Long, Lane> lanes = new Recent<>(LANES_KNOWN);
    private final Map<DeliveryType, Long> next = new EnumMap<>(DeliveryType.class);
    private final Ages ages = new Ages();
    private final Set<Long> agesChanged = new LinkedHashSet<>();
    private final Set<Long> parked = new HashSet<>();
    private long nextEnd;
    private int rows;
    private int messages;
    private int out;
    private long run;

    /// What was asked for lately.
    private static final class Recent<K, V> extends LinkedHashMap<K, V> {
        private static final long serialVersionUID = 1L;
        private final int max;

        private Recent(int max) {
            super(16, 0.75f, true);
            this.max = max;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > max;
        }
    }

    /// Takes over an open database.
    ///
    /// @param forgotten told of each destination that has no number any more
    Shelf(ShelfFile file, Consumer<Lane> forgotten) {
        this.file = file;
        this.forgotten = forgotten;
        file.ask(
                "SELECT rows, messages, run FROM total",
                row -> {
                    rows = row.getInt(1);
                    messages = row.getInt(2);
                    run = row.getLong(3);
                    return true;
                });
        file.ask(
                "SELECT minute, count FROM age",
                row -> {
                    ages.add(row.getLong(1) * Ages.MINUTE, row.getInt(2));
                    return true;
                });
    }

    static long key(long id) {
        return id ^ Long.MIN_VALUE;
    }

    /// Begins a run: nothing is out, no lane is parked.
    void begin() {
        run++;
        for (Row row : file.ask(COLUMNS + "WHERE wake IS NULL", Shelf::row)) {
            Times times = row.times;
            long wake = row.lane == ENDS ? times.expiry() : Math.min(times.due, times.expiry());
            file.tell("UPDATE envelope SET wake=? WHERE id=?", wake, row.key);
            age(times.created, 1);
        }
        parked.clear();
        out = 0;
        file.tell(
                "UPDATE destination SET wake=(SELECT MIN(wake) FROM envelope"
                        + " WHERE lane=destination.id AND wake IS NOT NULL) WHERE wake IS NULL");
        for (DeliveryType type : DeliveryType.values()) {
            lookUpNext(type);
        }
        nextEnd = firstWake(ENDS);
        save();
    }

    /// The number of this run.
    long run() {
        return run;
    }

    /// Rows.
    int rows() {
        return rows;
    }

    /// Rows that wait.
    int waiting() {
        return rows - out;
    }

    /// Messages that have rows.
    int messages() {
        return messages;
    }

    /// How old those that wait are.
    Ages ages() {
        return ages;
    }

    /// When a lane of a type wakes that is not parked.
    long next(DeliveryType type) {
        return next.getOrDefault(type, NEVER);
    }

    /// When the lane of [#ENDS] wakes.
    long nextEnd() {
        return nextEnd;
    }

    /// Whether a message has rows.
    boolean has(MsgId msgid) {
        long first = key((long) msgid.value() << 32);
        return rows > 0
                && !file.ask(
                                "SELECT id FROM envelope WHERE id BETWEEN ? AND ? LIMIT 1",
                                one -> one.getLong(1),
                                first,
                                first | 0xffffffffL)
                        .isEmpty();
    }

    /// The row of an envelope; null if there is none.
    @Nullable Row get(long id) {
        if (rows == 0) {
            return null;
        }
        List<Row> found = file.ask(COLUMNS + "WHERE id=?", Shelf::row, key(id));
        return found.isEmpty() ? null : found.getFirst();
    }

    /// The rows behind a key up to another, ascending, as many as asked for.
    List<Row> page(long after, long upTo, int max) {
        return file.ask(
                COLUMNS + "WHERE id>? AND id<=? ORDER BY id LIMIT ?", Shelf::row, after, upTo, max);
    }

    private static Row row(ResultSet from) throws SQLException {
        long wake = from.getLong(4);
        boolean isOut = from.wasNull();
        return new Row(
                from.getLong(1),
                from.getLong(2),
                from.getLong(3),
                isOut,
                wake,
                new Times(from.getLong(5), from.getLong(6), from.getLong(7), from.getLong(8)),
                from.getInt(9),
                from.getLong(10));
    }

    /// Lets an envelope of the run queue in memory wait here.
    ///
    /// @param expiry when its time is over
    void put(Entry entry, long expiry) {
        Destination to = entry.group.destination;
        if (to.lane == 0) {
            to.lane = number(to.type, to.name);
        }
        boolean suspended = entry.is(Entry.SUSPENDED);
        long lane = suspended ? ENDS : to.lane;
        long wake = suspended ? expiry : Math.min(entry.due, expiry);
        if (entry.is(Entry.OUT)) {
            file.tell(
                    "UPDATE envelope SET lane=?, wake=?, ttl=?, due=?, tried=?, flags=?, run=?"
                            + " WHERE id=?",
                    lane,
                    wake,
                    entry.ttlSeconds(),
                    entry.due,
                    entry.lastTry,
                    entry.lasting(),
                    run,
                    key(entry.id));
            entry.clear(Entry.OUT);
            to.out--;
            out--;
        } else {
            insert(entry, to.lane, lane, wake);
        }
        age(entry.created, 1);
        if (suspended) {
            nextEnd = Math.min(nextEnd, wake);
        } else {
            lower(to, wake);
        }
    }

    private void insert(Entry entry, long destination, long lane, long wake) {
        if (!has(entry.evpid().msgid())) {
            messages++;
        }
        file.tell(
                "INSERT INTO envelope VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                key(entry.id),
                lane,
                destination,
                wake,
                entry.created,
                entry.ttlSeconds(),
                entry.due,
                entry.lastTry,
                entry.lasting(),
                run);
        file.tell("UPDATE destination SET count=count+1 WHERE id=?", destination);
        rows++;
    }

    /// A lane that is not parked wakes at a time, or earlier.
    private void lower(Destination lane, long wake) {
        if (!parked.contains(lane.lane)) {
            lower(lane.lane, lane.type, wake);
        }
    }

    private void lower(long lane, DeliveryType type, long wake) {
        file.tell(
                "UPDATE destination SET wake=?1 WHERE id=?2 AND (wake IS NULL OR wake>?1)",
                wake,
                lane);
        next.merge(type, wake, Math::min);
    }

    /// Marks a row as out.
    void takeOut(Row row) {
        file.tell("UPDATE envelope SET wake=NULL WHERE id=?", row.key);
        age(row.times.created, -1);
        out++;
    }

    /// Forgets an envelope.
    void remove(Row row) {
        file.tell("DELETE FROM envelope WHERE id=?", row.key);
        rows--;
        if (row.out) {
            out--;
        } else {
            age(row.times.created, -1);
        }
        if (!has(new MsgId((int) (row.id() >>> 32)))) {
            messages--;
        }
        file.tell("UPDATE destination SET count=count-1 WHERE id=?", row.destination);
        Lane lane = lane(row.destination);
        int gone = file.tell("DELETE FROM destination WHERE id=? AND count=0", row.destination);
        if (gone > 0) {
            lanes.remove(row.destination);
            numbers.remove(lane.type.word() + lane.name);
            forgotten.accept(lane);
        }
    }

    /// The number of a destination, which it is given now if it has none.
    long number(DeliveryType type, String name) {
        Long known = numbers.get(type.word() + name);
        if (known != null) {
            return known;
        }
        long number = find(type, name);
        if (number == 0) {
            file.tell(
                    "INSERT INTO destination (type, name, count) VALUES (?, ?, 0)",
                    type.word(),
                    file.names().seal(type, name));
            number = find(type, name);
        }
        numbers.put(type.word() + name, number);
        return number;
    }

    /// The number of a destination; 0 if it has none.
    long find(DeliveryType type, String name) {
        List<Long> found =
                file.ask(
                        "SELECT id FROM destination WHERE type=? AND name=?",
                        one -> one.getLong(1),
                        type.word(),
                        file.names().seal(type, name));
        return found.isEmpty() ? 0 : found.getFirst();
    }

    /// The destination of a number.
    Lane lane(long number) {
        Lane known = lanes.get(number);
        if (known != null) {
            return known;
        }
        List<Lane> found =
                file.ask("SELECT id, type, name FROM destination WHERE id=?", this::lane, number);
        if (found.isEmpty()) {
            throw file.damaged("index: no destination " + number, null);
        }
        lanes.put(number, found.getFirst());
        return found.getFirst();
    }

    private Lane lane(ResultSet from) throws SQLException {
        DeliveryType type = type(from.getString(2));
        try {
            return new Lane(from.getLong(1), type, file.names().open(type, from.getString(3)));
        } catch (IllegalArgumentException e) {
            throw file.damaged("index: " + e.getMessage(), e);
        }
    }

    private DeliveryType type(String word) {
        for (DeliveryType type : DeliveryType.values()) {
            if (type.word().equals(word)) {
                return type;
            }
        }
        throw file.damaged("index: no delivery type " + word, null);
    }

    /// The lane of a type that wakes first; null if none wakes any more.
    @Nullable Lane first(DeliveryType type) {
        List<Lane> found =
                file.ask(
                        "SELECT id, type, name FROM destination INDEXED BY next WHERE type=? AND"
                                + " wake IS NOT NULL ORDER BY wake LIMIT 1",
                        this::lane,
                        type.word());
        if (found.isEmpty()) {
            next.put(type, NEVER);
            return null;
        }
        return found.getFirst();
    }

    /// What wakes in a lane by a time, the first first.
    List<Row> due(long lane, long now, int max) {
        return file.ask(
                COLUMNS + "INDEXED BY waiting WHERE lane=? AND wake<=? ORDER BY wake, id LIMIT ?",
                Shelf::row,
                lane,
                now,
                max);
    }

    /// When the first of a lane wakes.
    long firstWake(long lane) {
        List<Long> found =
                file.ask(
                        "SELECT wake FROM envelope INDEXED BY waiting WHERE lane=? AND wake IS NOT"
                                + " NULL ORDER BY wake LIMIT 1",
                        one -> one.getLong(1),
                        lane);
        return found.isEmpty() ? NEVER : found.getFirst();
    }

    /// Lets a lane wake when its first envelope does, also one that was parked.
    void wakeByFirst(Lane lane) {
        parked.remove(lane.number);
        setWake(lane.number, firstWake(lane.number));
        lookUpNext(lane.type);
    }

    /// Lets a lane sleep until it is woken by [#wakeByFirst].
    void park(Lane lane) {
        parked.add(lane.number);
        setWake(lane.number, NEVER);
        lookUpNext(lane.type);
    }

    /// Whether some lane has more to do than the run queue in memory has room for.
    boolean hasParked() {
        return !parked.isEmpty();
    }

    private void setWake(long lane, long wake) {
        file.tell(
                "UPDATE destination SET wake=? WHERE id=?",
                wake == NEVER ? null : (Long) wake,
                lane);
    }

    private void age(long created, int change) {
        agesChanged.add(created / Ages.MINUTE);
        if (change > 0) {
            ages.add(created);
        } else {
            ages.remove(created);
        }
    }

    /// The lane of [#ENDS] wakes with its first envelope.
    void endsWakeByFirst() {
        nextEnd = firstWake(ENDS);
    }

    private void lookUpNext(DeliveryType type) {
        List<Long> found =
                file.ask(
                        "SELECT wake FROM destination INDEXED BY next WHERE type=? AND wake IS NOT"
                                + " NULL ORDER BY wake LIMIT 1",
                        one -> one.getLong(1),
                        type.word());
        next.put(type, found.isEmpty() ? NEVER : found.getFirst());
    }

    /// The destinations with the most rows, of the first so many.
    Map<Lane, Integer> largest(int max, int looks) {
        Map<Lane, Integer> largest = new LinkedHashMap<>();
        file.ask(
                "SELECT id, type, name, count FROM (SELECT * FROM destination LIMIT ?)"
                        + " ORDER BY count DESC, name LIMIT ?",
                row -> largest.put(lane(row), row.getInt(4)),
                looks,
                max);
        return largest;
    }

    /// How many rows a destination has.
    int count(long destination) {
        List<Integer> found =
                file.ask(
                        "SELECT count FROM destination WHERE id=?",
                        row -> row.getInt(1),
                        destination);
        return found.isEmpty() ? 0 : found.getFirst();
    }

    /// How many destinations have rows.
    int lanes() {
        return file.ask("SELECT COUNT(*) FROM destination", row -> row.getInt(1)).getFirst();
    }

    /// An envelope of a lane that was tried, the one that is tried last again; 0 if there is none.
    long tried(Lane lane) {
        List<Row> found =
                file.ask(
                        COLUMNS + "WHERE lane=? AND wake IS NOT NULL ORDER BY wake DESC LIMIT 1",
                        Shelf::row,
                        lane.number);
        return found.isEmpty() || found.getFirst().times.tried == 0 ? 0 : found.getFirst().id();
    }

    /// Whether [#save] has something to do.
    boolean isUnsaved() {
        return file.isChanged();
    }

    /// Keeps what was changed.
    void save() {
        for (long minute : agesChanged) {
            int count = ages.count(minute);
            if (count > 0) {
                file.tell("REPLACE INTO age VALUES (?, ?)", minute, count);
            } else {
                file.tell("DELETE FROM age WHERE minute=?", minute);
            }
        }
        agesChanged.clear();
        file.tell("UPDATE total SET rows=?, messages=?, run=?", rows, messages, run);
        file.commit();
    }

    /// What waits from one key up to another has changed lanes and wakes.
    void rearranged(long after, long upTo) {
        List<Long> touched =
                file.ask(
                        "SELECT DISTINCT lane FROM envelope"
                                + " WHERE id>? AND id<=? AND wake IS NOT NULL",
                        row -> row.getLong(1),
                        after,
                        upTo);
        for (long lane : touched) {
            if (lane != ENDS && !parked.contains(lane)) {
                setWake(lane, firstWake(lane));
            }
        }
        for (DeliveryType type : DeliveryType.values()) {
            lookUpNext(type);
        }
        endsWakeByFirst();
    }
}
