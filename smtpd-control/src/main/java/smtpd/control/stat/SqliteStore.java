package smtpd.control.stat;

import org.sqlite.SQLiteConfig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/// Keeps samples and totals in an SQLite file, which outlives the daemon.
///
/// Each reading is one transaction in the write-ahead log: a process that is killed loses what came
/// after its last reading. Nothing is synced but with every checkpoint, so that a machine that
/// loses its power loses minutes. Each step has a place of its own, which its successor takes over,
/// and the file has a bound besides.
final class SqliteStore implements SampleStore, AutoCloseable {
    /// What this program writes and reads; another version is not touched.
    static final int VERSION = 1;

    /// What the file never exceeds, the log beside it not counted.
    static final long FILE_MAX = 64L << 20;

    /// What the log is cut to.
    private static final int LOG_MAX = 4 << 20;

    private static final int PAGE = 4096;

    /// Totals of names that nothing was counted of for so long are forgotten at the next start.
    static final Duration NAME_KEPT = Duration.ofDays(90);

    private static final List<String> SCHEMA =
            List.of(
                    "CREATE TABLE name (id INTEGER PRIMARY KEY, key TEXT NOT NULL)",
                    "CREATE TABLE total (key TEXT PRIMARY KEY, kind TEXT NOT NULL,"
                            + " a INTEGER NOT NULL, b INTEGER NOT NULL, ranges BLOB,"
                            + " changed INTEGER NOT NULL) WITHOUT ROWID",
                    "CREATE TABLE sample (tier INTEGER NOT NULL, slot INTEGER NOT NULL,"
                            + " step INTEGER NOT NULL, body BLOB NOT NULL,"
                            + " PRIMARY KEY (tier, slot)) WITHOUT ROWID",
                    "PRAGMA user_version = " + VERSION);

    private final Connection connection;
    private final Names names = new Names();
    private final Map<String, Metric> totals = new HashMap<>();

    private SqliteStore(Connection connection) {
        this.connection = connection;
    }

    /// A file that another version wrote.
    static final class OtherVersion extends IOException {
        private static final long serialVersionUID = 1L;

        OtherVersion(Path file, int version) {
            super(
                    "%s is of version %d, this program writes version %d; it is left as it is"
                            .formatted(file, version, VERSION));
        }
    }

    /// Opens a file, or makes it. One that cannot be read is put aside as `FILE.corrupt`.
    ///
    /// @param now what is old is measured by
    /// @throws OtherVersion if another version wrote it
    static SqliteStore open(Path file, Instant now) throws IOException {
        try {
            return tryOpen(file, now);
        } catch (SQLException | IllegalArgumentException e) {
            Files.move(
                    file,
                    file.resolveSibling(file.getFileName() + ".corrupt"),
                    StandardCopyOption.REPLACE_EXISTING);
            Files.deleteIfExists(file.resolveSibling(file.getFileName() + "-wal"));
            try {
                return tryOpen(file, now);
            } catch (SQLException again) {
                throw new IOException(file + ": " + again.getMessage(), again);
            }
        }
    }

    private static SqliteStore tryOpen(Path file, Instant now) throws SQLException, IOException {
        SQLiteConfig config = new SQLiteConfig();
        config.setPageSize(PAGE);
        config.setLockingMode(SQLiteConfig.LockingMode.EXCLUSIVE);
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.NORMAL);
        config.setJournalSizeLimit(LOG_MAX);
        config.setMaxPageCount((int) (FILE_MAX / PAGE));
        config.setTempStore(SQLiteConfig.TempStore.MEMORY);
        SqliteStore store = new SqliteStore(config.createConnection("jdbc:sqlite:" + file));
        try {
            store.prepare(file, now);
            return store;
        } catch (SQLException | IOException | IllegalArgumentException e) {
            store.close();
            throw e;
        }
    }

    private void prepare(Path file, Instant now) throws SQLException, IOException {
        try (Statement statement = connection.createStatement()) {
            int version;
            try (ResultSet found = statement.executeQuery("PRAGMA user_version")) {
                version = found.getInt(1);
            }
            if (version != 0 && version != VERSION) {
                throw new OtherVersion(file, version);
            }
            statement.execute("BEGIN");
            if (version == 0) {
                for (String line : SCHEMA) {
                    statement.executeUpdate(line);
                }
            }
            statement.executeUpdate(
                    "DELETE FROM total WHERE instr(key, ':') > 0 AND changed < "
                            + now.minus(NAME_KEPT).getEpochSecond());
            statement.execute("COMMIT");
            try (ResultSet found = statement.executeQuery("SELECT id, key FROM name")) {
                while (found.next()) {
                    names.known(found.getInt(1), found.getString(2));
                }
            }
            read(statement);
        }
    }

    private void read(Statement statement) throws SQLException {
        try (ResultSet found =
                statement.executeQuery("SELECT key, kind, a, b, ranges FROM total")) {
            while (found.next()) {
                long a = found.getLong(3);
                totals.put(
                        found.getString(1),
                        switch (found.getString(2)) {
                            case "counter" -> new Metric.Counter(a);
                            case "stamp" -> new Metric.Stamp(a);
                            case "ratio" -> new Metric.Ratio(a, found.getLong(4));
                            case "durations" ->
                                    new Metric.Durations(Distribution.decode(found.getBytes(5)));
                            default -> throw new SQLException("unknown kind of total");
                        });
            }
        }
    }

    /// What was counted until the file was written last.
    Map<String, Metric> totals() {
        return new TreeMap<>(totals);
    }

    @Override
    public List<Tier> tiers() {
        return Tier.LASTING;
    }

    @Override
    public void put(List<Kept> samples, Reading reading) throws IOException {
        Map<String, Metric> changed = new HashMap<>();
        reading.metrics()
                .forEach((key, metric) -> {
                    if (!(metric instanceof Metric.Level) && !metric.equals(totals.get(key))) {
                        changed.put(key, metric);
                    }
                });
        try {
            execute("BEGIN");
            try {
                putSamples(samples);
                putNames();
                putTotals(changed, reading.at());
                execute("COMMIT");
            } catch (SQLException e) {
                undo();
                throw e;
            }
        } catch (SQLException e) {
            throw new IOException(e.getMessage(), e);
        }
        names.settled();
        totals.putAll(changed);
    }

    private void execute(String line) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(line);
        }
    }

    private void undo() {
        try {
            execute("ROLLBACK");
        } catch (SQLException _) {
            // a file that is full ends the transaction itself
        }
    }

    /// Bounds the file; what it holds already stays.
    void limit(long bytes) throws SQLException {
        execute("PRAGMA max_page_count = " + Math.max(1, bytes / PAGE));
    }

    private void putSamples(List<Kept> samples) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("REPLACE INTO sample VALUES (?, ?, ?, ?)")) {
            for (Kept it : samples) {
                insert.setInt(1, it.tier().seconds());
                insert.setLong(2, Math.floorMod(it.sample().step(), it.tier().steps()));
                insert.setLong(3, it.sample().step());
                insert.setBytes(4, names.encode(it.sample()));
                insert.executeUpdate();
            }
        }
    }

    private void putNames() throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("REPLACE INTO name VALUES (?, ?)")) {
            for (int id : names.fresh()) {
                insert.setInt(1, id);
                insert.setString(2, names.key(id));
                insert.executeUpdate();
            }
        }
    }

    private void putTotals(Map<String, Metric> changed, Instant at) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("REPLACE INTO total VALUES (?, ?, ?, ?, ?, ?)")) {
            for (Map.Entry<String, Metric> entry : changed.entrySet()) {
                insert.setString(1, entry.getKey());
                insert.setLong(4, 0);
                insert.setBytes(5, null);
                insert.setLong(6, at.getEpochSecond());
                switch (entry.getValue()) {
                    case Metric.Counter(long value) -> set(insert, "counter", value);
                    case Metric.Level(long value) -> set(insert, "level", value);
                    case Metric.Stamp(long second) -> set(insert, "stamp", second);
                    case Metric.Ratio(long part, long whole) -> {
                        set(insert, "ratio", part);
                        insert.setLong(4, whole);
                    }
                    case Metric.Durations(Distribution it) -> {
                        set(insert, "durations", 0);
                        insert.setBytes(5, it.encode());
                    }
                }
                insert.executeUpdate();
            }
        }
    }

    private static void set(PreparedStatement insert, String kind, long a) throws SQLException {
        insert.setString(2, kind);
        insert.setLong(3, a);
    }

    @Override
    public void range(Tier tier, long first, long last, Consumer<Sample> each) throws IOException {
        long from = Math.max(first, last - tier.steps() + 1);
        long low = Math.floorMod(from, tier.steps());
        long high = Math.floorMod(last, tier.steps());
        String slots = low <= high ? "slot BETWEEN ? AND ?" : "(slot >= ? OR slot <= ?)";
        try (PreparedStatement select =
                connection.prepareStatement(
                        "SELECT step, body FROM sample WHERE tier = ? AND "
                                + slots
                                + " AND step BETWEEN ? AND ? ORDER BY step")) {
            select.setInt(1, tier.seconds());
            select.setLong(2, low);
            select.setLong(3, high);
            select.setLong(4, from);
            select.setLong(5, last);
            try (ResultSet found = select.executeQuery()) {
                while (found.next()) {
                    each.accept(names.decode(found.getLong(1), found.getBytes(2)));
                }
            }
        } catch (SQLException | IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException _) {
            // nothing of it is needed any more
        }
    }
}
