package smtpd.scheduler;

import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// The database of a [Shelf], and its statements.
///
/// Written ahead in a log that is synced at checkpoints only: a process that is killed forgets what
/// it did not commit, a machine that loses its power what came after the last checkpoint. One
/// process, one connection.
final class ShelfFile implements AutoCloseable {
    static final String NAME = "index.sqlite";

    /// What is put aside gets this behind its name.
    static final String ASIDE = ".bad";

    /// Stands beside a database that turned out to be damaged while it was in use: whoever opens it
    /// next need not meet the damage again.
    static final String DAMAGED = ".damaged";

    /// `PRAGMA user_version` of what is written, and the only one read.
    private static final int VERSION = 1;

    /// Pages kept in memory, outside the heap, in KiB.
    private static final int CACHE_KIB = 64 * 1024;

    /// Pages in the log between two checkpoints.
    private static final int CHECKPOINT_PAGES = 4096;

    /// What the log is cut to, in bytes.
    private static final int LOG_MAX = 32 << 20;

    private static final List<String> SCHEMA =
            List.of(
                    """
                    CREATE TABLE envelope (
                      id INTEGER PRIMARY KEY, lane INTEGER NOT NULL, dest INTEGER NOT NULL,
                      wake INTEGER, created INTEGER NOT NULL, ttl INTEGER NOT NULL,
                      due INTEGER NOT NULL, tried INTEGER NOT NULL, flags INTEGER NOT NULL,
                      run INTEGER NOT NULL)
                    """,
                    "CREATE INDEX waiting ON envelope (lane, wake) WHERE wake IS NOT NULL",
                    "CREATE INDEX out ON envelope (id) WHERE wake IS NULL",
                    """
                    CREATE TABLE destination (
                      id INTEGER PRIMARY KEY, type TEXT NOT NULL, name TEXT NOT NULL,
                      wake INTEGER, count INTEGER NOT NULL, UNIQUE (type, name))
                    """,
                    "CREATE INDEX next ON destination (type, wake) WHERE wake IS NOT NULL",
                    "CREATE TABLE age (minute INTEGER PRIMARY KEY, count INTEGER NOT NULL)",
                    """
                    CREATE TABLE total (
                      rows INTEGER NOT NULL, messages INTEGER NOT NULL, run INTEGER NOT NULL)
                    """,
                    "INSERT INTO total VALUES (0, 0, 0)",
                    "PRAGMA user_version=" + VERSION);

    /// Null for one in memory.
    private final @Nullable Path path;

    private final Connection connection;
    private final ShelfNames names;
    private final Map<String, PreparedStatement> statements = new LinkedHashMap<>();
    private int mark;
    private boolean changed;

    private ShelfFile(@Nullable Path path, Connection connection, ShelfNames names) {
        this.path = path;
        this.connection = connection;
        this.names = names;
    }

    /// How names stand in it.
    ShelfNames names() {
        return names;
    }

    /// Something read from a row.
    ///
    /// @param <T> what
    interface Reading<T> {
        T of(ResultSet row) throws SQLException;
    }

    /// Opens the database in a directory, making it when there is none; what is damaged or of
    /// another version is put aside, and one begun anew. One whose names stand in it in another
    /// way, the queue being sealed now, or not any more, or with another key, is removed.
    ///
    /// @param names how names stand in it
    /// @param warnings told what was put aside
    /// @throws ShelfException when the disk is wrong or has no room: what is there stays
    static ShelfFile open(Path directory, ShelfNames names, Consumer<String> warnings)
            throws IOException {
        Path path = directory.resolve(NAME);
        if (Files.exists(directory.resolve(NAME + DAMAGED))) {
            warnings.accept(path + ": damaged; put aside, and made anew from the queue");
            putAside(directory);
        }
        try {
            ShelfFile file = open(path, names);
            if (file.mark == names.mark()) {
                return file;
            }
            file.close();
            warnings.accept(path + ": of another queue key; made anew from the queue");
            remove(directory);
            return open(path, names);
        } catch (SQLException e) {
            checkDisk(e);
            warnings.accept(
                    path + ": " + e.getMessage() + "; put aside, and made anew from the queue");
            putAside(directory);
            try {
                return open(path, names);
            } catch (SQLException again) {
                checkDisk(again);
                throw new IOException(path + ": " + again.getMessage(), again);
            }
        }
    }

    private static void checkDisk(SQLException e) {
        if (kind(e) == ShelfException.Kind.DISK) {
            throw new ShelfException("index: " + e.getMessage(), ShelfException.Kind.DISK, e);
        }
    }

    /// A database in memory, of so many pages at most.
    static ShelfFile inMemory(long pages) {
        SQLiteConfig config = new SQLiteConfig();
        config.setTempStore(SQLiteConfig.TempStore.MEMORY);
        config.setGetGeneratedKeys(false);
        try {
            ShelfFile file =
                    new ShelfFile(
                            null,
                            config.createConnection("jdbc:sqlite::memory:"),
                            ShelfNames.CLEAR);
            file.prepare();
            file.bound(pages);
            return file;
        } catch (SQLException e) {
            throw new ShelfException("index: " + e.getMessage(), kind(e), e);
        }
    }

    /// Lets it have so many pages at most; one that has more already gets no others.
    void bound(long pages) {
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA max_page_count=" + pages);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /// Puts the database aside; it must not be open.
    static void putAside(Path directory) throws IOException {
        Path path = directory.resolve(NAME);
        if (Files.exists(path)) {
            Files.move(path, directory.resolve(NAME + ASIDE), StandardCopyOption.REPLACE_EXISTING);
        }
        removeBeside(directory);
    }

    private static void removeBeside(Path directory) throws IOException {
        Files.deleteIfExists(directory.resolve(NAME + "-wal"));
        Files.deleteIfExists(directory.resolve(NAME + "-journal"));
        Files.deleteIfExists(directory.resolve(NAME + DAMAGED));
    }

    /// Removes the database, and what was put aside before: it may say what is sealed now.
    private static void remove(Path directory) throws IOException {
        Files.deleteIfExists(directory.resolve(NAME));
        Files.deleteIfExists(directory.resolve(NAME + ASIDE));
        removeBeside(directory);
    }

    private static ShelfFile open(Path path, ShelfNames names) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setLockingMode(SQLiteConfig.LockingMode.EXCLUSIVE);
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.NORMAL);
        config.setJournalSizeLimit(LOG_MAX);
        config.setTempStore(SQLiteConfig.TempStore.MEMORY);
        config.setCacheSize(-CACHE_KIB);
        config.setGetGeneratedKeys(false);
        ShelfFile file = new ShelfFile(path, config.createConnection("jdbc:sqlite:" + path), names);
        try {
            file.prepare();
            return file;
        } catch (SQLException e) {
            file.close();
            throw e;
        }
    }

    private void prepare() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA wal_autocheckpoint=" + CHECKPOINT_PAGES);
            int version = pragma("user_version");
            if (version != 0 && version != VERSION) {
                throw new SQLException(
                        "version " + version + ", this program writes version " + VERSION);
            }
            connection.setAutoCommit(false);
            if (version == 0) {
                for (String line : SCHEMA) {
                    statement.executeUpdate(line);
                }
                statement.executeUpdate("PRAGMA application_id=" + names.mark());
                connection.commit();
            }
            mark = pragma("application_id");
        }
    }

    private int pragma(String name) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("PRAGMA " + name)) {
            return found.getInt(1);
        }
    }

    /// Whether there is something to commit.
    boolean isChanged() {
        return changed;
    }

    /// Carries out a change.
    ///
    /// @return rows changed
    int tell(String sql, @Nullable Object... values) {
        try {
            changed = true;
            return bound(sql, values).executeUpdate();
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /// Reads rows.
    <T> List<T> ask(String sql, Reading<T> reading, @Nullable Object... values) {
        try (ResultSet rows = bound(sql, values).executeQuery()) {
            List<T> found = new ArrayList<>();
            while (rows.next()) {
                found.add(reading.of(rows));
            }
            return found;
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private PreparedStatement bound(String sql, @Nullable Object... values) throws SQLException {
        PreparedStatement statement = statements.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            statements.put(sql, statement);
        }
        for (int i = 0; i < values.length; i++) {
            switch (values[i]) {
                case null -> statement.setNull(i + 1, java.sql.Types.INTEGER);
                case Long number -> statement.setLong(i + 1, number);
                case Integer number -> statement.setInt(i + 1, number);
                case Object other -> statement.setString(i + 1, other.toString());
            }
        }
        return statement;
    }

    /// Ends the transaction.
    void commit() {
        try {
            changed = false;
            connection.commit();
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private static ShelfException.Kind kind(SQLException e) {
        SQLiteErrorCode code =
                e instanceof SQLiteException its
                        ? its.getResultCode()
                        : SQLiteErrorCode.SQLITE_ERROR;
        String name = code.name();
        if (name.startsWith("SQLITE_CORRUPT") || name.equals("SQLITE_NOTADB")) {
            return ShelfException.Kind.DAMAGED;
        }
        return name.equals("SQLITE_FULL")
                        || name.startsWith("SQLITE_IOERR")
                        || name.startsWith("SQLITE_READONLY")
                ? ShelfException.Kind.DISK
                : ShelfException.Kind.OTHER;
    }

    private ShelfException failed(SQLException e) {
        String text = "index: " + e.getMessage();
        ShelfException.Kind kind = kind(e);
        return kind == ShelfException.Kind.DAMAGED
                ? damaged(text, e)
                : new ShelfException(text, kind, e);
    }

    /// The database is damaged: the next start puts it aside.
    ShelfException damaged(String text, @Nullable Exception cause) {
        Path file = path;
        if (file != null) {
            try {
                Files.write(file.resolveSibling(NAME + DAMAGED), new byte[0]);
            } catch (IOException _) {
                // the next start meets the damage itself
            }
        }
        return new ShelfException(text, ShelfException.Kind.DAMAGED, cause);
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException _) {
            // what was committed is there
        }
    }
}
