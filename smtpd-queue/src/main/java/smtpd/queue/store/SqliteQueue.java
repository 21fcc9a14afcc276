package smtpd.queue.store;

import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

import smtpd.core.fs.NoSpaceException;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The database of an [SqliteStore] and its statements; guarded by itself.
///
/// Ids are stored with their highest bit turned, so that they are in the order of unsigned numbers.
/// Each envelope and state has a CRC-32C beside it, because a database finds damage to its pages,
/// not to what is in them; pieces of content are covered by that of their message.
final class SqliteQueue implements AutoCloseable {
    static final String FILE = "queue.sqlite";

    /// Bytes written after which the log is moved into the database: as SQLite's own rule, a
    /// thousand pages.
    private static final long LOG_MAX = 4 * 1024 * 1024;

    /// What a changed row costs in the log: a page.
    private static final int PAGE_BYTES = 4096;

    /// Ids of one page of a walk.
    private static final int PAGE = 1000;

    /// `PRAGMA user_version` of what is written, and the only one read.
    private static final int VERSION = 1;

    private static final List<String> SCHEMA =
            List.of(
                    """
                    CREATE TABLE IF NOT EXISTS message (
                      id INTEGER PRIMARY KEY, committed INTEGER NOT NULL, held INTEGER NOT NULL,
                      size INTEGER NOT NULL, crc INTEGER NOT NULL, label BLOB NOT NULL)
                    """,
                    """
                    CREATE TABLE IF NOT EXISTS piece (
                      message INTEGER NOT NULL, number INTEGER NOT NULL, bytes BLOB NOT NULL,
                      PRIMARY KEY (message, number))
                    """,
                    """
                    CREATE TABLE IF NOT EXISTS envelope (
                      id INTEGER PRIMARY KEY, crc INTEGER NOT NULL, bytes BLOB NOT NULL,
                      state_crc INTEGER, state BLOB)
                    """);

    /// What is known of a message that exists.
    ///
    /// @param size the size of its content
    /// @param crc the CRC-32C of its content
    /// @param label its label
    record Message(long size, int crc, Bytes label) {}

    private final Connection connection;
    private final Map<String, PreparedStatement> statements = new LinkedHashMap<>();
    private long logged;

    private SqliteQueue(Connection connection) {
        this.connection = connection;
    }

    /// Opens a database, making it when there is none, and removes content that nobody committed.
    static SqliteQueue open(Path file) throws IOException {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        // one process, one connection: no memory shared through a file
        config.setLockingMode(SQLiteConfig.LockingMode.EXCLUSIVE);
        config.setTempStore(SQLiteConfig.TempStore.MEMORY);
        try {
            SqliteQueue queue = new SqliteQueue(config.createConnection("jdbc:sqlite:" + file));
            try {
                queue.prepare(file);
                return queue;
            } catch (IOException | SQLException e) {
                queue.close();
                throw e;
            }
        } catch (SQLException e) {
            throw translated(e);
        }
    }

    private void prepare(Path file) throws IOException, SQLException {
        try (Statement statement = connection.createStatement()) {
            // what was removed is not left to be read
            statement.execute("PRAGMA secure_delete=FAST");
            // a full disk at that time is not the failure of the commit before
            statement.execute("PRAGMA wal_autocheckpoint=0");
            try (ResultSet version = statement.executeQuery("PRAGMA user_version")) {
                int found = version.next() ? version.getInt(1) : 0;
                if (found != 0 && found != VERSION) {
                    throw new SpoolRefusedException(
                            file + ": format version " + found + ", this program knows " + VERSION);
                }
            }
            connection.setAutoCommit(false);
            for (String each : SCHEMA) {
                statement.execute(each);
            }
            statement.execute("PRAGMA user_version=" + VERSION);
            statement.execute(
                    "DELETE FROM piece WHERE message NOT IN"
                            + " (SELECT id FROM message WHERE committed=1)");
            connection.commit();
        }
        settle();
    }

    /// What was found in the log moves into the database and is synced there: after a sync that
    /// failed, it may be in memory alone, and what follows in the log means nothing without it.
    private void settle() throws SQLException {
        try {
            checkpoint("TRUNCATE");
        } catch (SQLException e) {
            if (!(translated(e) instanceof NoSpaceException)) {
                throw e;
            }
        }
    }

    private void checkpoint(String mode) throws SQLException {
        // not within a transaction
        connection.setAutoCommit(true);
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA wal_checkpoint(" + mode + ")");
        } finally {
            connection.setAutoCommit(false);
        }
    }

    /// Moves the log into the database if much is in it; returns whether it was moved.
    boolean tidy() throws SQLException {
        if (logged < LOG_MAX) {
            return false;
        }
        logged = 0;
        checkpoint("PASSIVE");
        return true;
    }

    /// What a failure means: a full disk, damaged pages, or a device not to be trusted any more.
    static IOException translated(SQLException e) {
        SQLiteErrorCode code =
                e instanceof SQLiteException its
                        ? its.getResultCode()
                        : SQLiteErrorCode.SQLITE_ERROR;
        return switch (code.name()) {
            case "SQLITE_FULL" -> {
                NoSpaceException full = new NoSpaceException("database");
                full.initCause(e);
                yield full;
            }
            case "SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_CORRUPT_VTAB" ->
                    new CorruptException("database: " + e.getMessage());
            default -> new IOException("database: " + e.getMessage(), e);
        };
    }

    private PreparedStatement statement(String sql) throws SQLException {
        PreparedStatement prepared = statements.get(sql);
        if (prepared == null) {
            prepared = connection.prepareStatement(sql);
            statements.put(sql, prepared);
        }
        return prepared;
    }

    private int update(String sql, Object... values) throws SQLException {
        PreparedStatement prepared = statement(sql);
        bind(prepared, values);
        logged += PAGE_BYTES;
        return prepared.executeUpdate();
    }

    private static void bind(PreparedStatement prepared, Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            switch (values[i]) {
                case Long number -> prepared.setLong(i + 1, number);
                case Integer number -> prepared.setInt(i + 1, number);
                case Bytes bytes -> prepared.setBytes(i + 1, bytes.toByteArray());
                default -> throw new IllegalArgumentException(values[i].toString());
            }
        }
    }

    private static long key(MsgId id) {
        return Integer.toUnsignedLong(id.value());
    }

    private static long key(EvpId id) {
        return id.value() ^ Long.MIN_VALUE;
    }

    private static EvpId evpid(long key) {
        return new EvpId(key ^ Long.MIN_VALUE);
    }

    private static int crc(Bytes bytes) {
        return SegmentFormat.crc(
                ByteBuffer.wrap(bytes.array(), bytes.offset(), bytes.length()).slice());
    }

    /// Ends the transaction, which the driver began with the first statement.
    void commit() throws SQLException {
        connection.commit();
    }

    /// Undoes the transaction, which SQLite may have done by itself.
    void rollback() throws SQLException {
        try {
            connection.rollback();
        } catch (SQLException _) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("BEGIN");
            }
        }
    }

    void append(MsgId id, Bytes bytes) throws SQLException {
        logged += bytes.length();
        update(
                "INSERT INTO piece VALUES (?1,"
                        + " (SELECT COALESCE(MAX(number)+1, 0) FROM piece WHERE message=?1), ?2)",
                key(id),
                bytes);
    }

    void discard(MsgId id) throws SQLException {
        update("DELETE FROM piece WHERE message=?", key(id));
    }

    /// Makes a change within the transaction.
    void make(RecordTx tx) throws SQLException {
        if (tx.commit().isPresent()) {
            RecordTx.Commit it = tx.commit().get();
            update(
                    "INSERT INTO message VALUES (?, 1, 0, ?, ?, ?)",
                    key(it.message()),
                    it.size(),
                    it.crc32c(),
                    it.label());
        }
        for (RecordTx.Label label : tx.relabel()) {
            update("UPDATE message SET label=? WHERE id=?", label.bytes(), key(label.message()));
        }
        for (RecordTx.Item item : tx.add()) {
            update(
                    "INSERT INTO envelope VALUES (?, ?, ?, NULL, NULL)",
                    key(item.id()),
                    crc(item.bytes()),
                    item.bytes());
        }
        for (RecordTx.Item item : tx.update()) {
            update(
                    "UPDATE envelope SET state_crc=?, state=? WHERE id=?",
                    crc(item.bytes()),
                    item.bytes(),
                    key(item.id()));
        }
        for (EvpId id : tx.remove()) {
            remove(id);
        }
    }

    private void remove(EvpId id) throws SQLException {
        if (update("DELETE FROM envelope WHERE id=?", key(id)) > 0
                && ids("SELECT id FROM envelope WHERE id BETWEEN ? AND ? LIMIT 1", id.msgid())
                        .isEmpty()) {
            update("DELETE FROM message WHERE id=?", key(id.msgid()));
            discard(id.msgid());
        }
    }

    private List<EvpId> ids(String sql, MsgId message) throws SQLException {
        long first = (long) message.value() << 32;
        return ids(sql, first ^ Long.MIN_VALUE, (first | 0xffffffffL) ^ Long.MIN_VALUE);
    }

    private List<EvpId> ids(String sql, Object... values) throws SQLException {
        PreparedStatement prepared = statement(sql);
        bind(prepared, values);
        List<EvpId> ids = new ArrayList<>();
        try (ResultSet rows = prepared.executeQuery()) {
            while (rows.next()) {
                ids.add(evpid(rows.getLong(1)));
            }
        }
        return ids;
    }

    List<EvpId> envelopes(MsgId message) throws SQLException {
        return ids("SELECT id FROM envelope WHERE id BETWEEN ? AND ? ORDER BY id", message);
    }

    /// The next ids behind one, or from one on; with `held`, those of held messages too.
    List<EvpId> page(Optional<EvpId> after, boolean inclusive, boolean held) throws SQLException {
        String sql =
                "SELECT id FROM envelope WHERE id"
                        + (inclusive ? ">=" : ">")
                        + "? "
                        + (held ? "" : "AND ((id >> 32) & 4294967295) NOT IN (" + HELD + ") ")
                        + "ORDER BY id LIMIT "
                        + PAGE;
        return ids(sql, after.map(SqliteQueue::key).orElse(Long.MIN_VALUE));
    }

    /// The turned upper halves of held messages' envelopes.
    private static final String HELD =
            "SELECT ((id + 2147483648) & 4294967295) FROM message WHERE held=1";

    Optional<Message> message(MsgId id) throws SQLException {
        PreparedStatement prepared =
                statement("SELECT size, crc, label FROM message WHERE id=? AND committed=1");
        bind(prepared, key(id));
        try (ResultSet row = prepared.executeQuery()) {
            return row.next()
                    ? Optional.of(
                            new Message(row.getLong(1), row.getInt(2), Bytes.of(row.getBytes(3))))
                    : Optional.empty();
        }
    }

    List<MsgId> messages() throws SQLException {
        List<MsgId> ids = new ArrayList<>();
        try (ResultSet rows =
                statement("SELECT id FROM message WHERE committed=1").executeQuery()) {
            while (rows.next()) {
                ids.add(new MsgId((int) rows.getLong(1)));
            }
        }
        return ids;
    }

    /// An envelope; throws [SQLException] of damage when it is not what was stored.
    Optional<Stored.Found> envelope(EvpId id) throws SQLException {
        PreparedStatement prepared =
                statement("SELECT crc, bytes, state_crc, state FROM envelope WHERE id=?");
        bind(prepared, key(id));
        try (ResultSet row = prepared.executeQuery()) {
            if (!row.next()) {
                return Optional.empty();
            }
            Bytes bytes = whole(row.getInt(1), row.getBytes(2));
            byte[] state = row.getBytes(4);
            return Optional.of(
                    new Stored.Found(
                            id,
                            bytes,
                            state == null
                                    ? Optional.empty()
                                    : Optional.of(whole(row.getInt(3), state))));
        }
    }

    private static Bytes whole(int crc, byte[] bytes) throws SQLException {
        Bytes whole = Bytes.of(bytes);
        if (crc(whole) != crc) {
            throw new SQLiteException("checksum does not match", SQLiteErrorCode.SQLITE_CORRUPT);
        }
        return whole;
    }

    /// A piece of content; empty if there is none.
    Bytes piece(MsgId id, int number) throws SQLException {
        PreparedStatement prepared =
                statement("SELECT bytes FROM piece WHERE message=? AND number=?");
        bind(prepared, key(id), number);
        try (ResultSet row = prepared.executeQuery()) {
            return row.next() ? Bytes.of(row.getBytes(1)) : Bytes.EMPTY;
        }
    }

    /// Holds a message; whether it was not held before.
    boolean hold(MsgId id) throws SQLException {
        boolean fresh = update("UPDATE message SET held=1 WHERE id=? AND held=0", key(id)) > 0;
        commit();
        return fresh;
    }

    StoreStatus status(Optional<Refused> refusal) throws SQLException {
        try (ResultSet row =
                statement(
                                "SELECT (SELECT COUNT(*) FROM message),"
                                        + " (SELECT COUNT(*) FROM envelope),"
                                        + " (SELECT COUNT(*) FROM message WHERE held=1)")
                        .executeQuery()) {
            row.next();
            return new StoreStatus(row.getLong(1), row.getLong(2), row.getLong(3), refusal);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
