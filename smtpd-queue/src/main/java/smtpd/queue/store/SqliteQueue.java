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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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

    /// Native memory for pages: the upper levels of the trees of ten million envelopes, so that a
    /// record costs one read. In KB, negative as the pragma wants it.
    private static final int CACHE = -32 * 1024;

    /// What is known of a message that exists.
    ///
    /// @param size the size of its content
    /// @param crc the CRC-32C of its content
    /// @param label its label
    record Message(long size, int crc, Bytes label) {}

    private final Connection connection;
    private final Map<String, PreparedStatement> statements = new LinkedHashMap<>();
    private long logged;
    private final SqliteTally tally = new SqliteTally();

    /// Messages that got content in the open transaction; most are committed in it too, and never
    /// noted as begun.
    private final Set<Long> begun = new LinkedHashSet<>();

    private SqliteQueue(Connection connection) {
        this.connection = connection;
    }

    /// Opens a database, making it when there is none, and removes content that nobody committed.
    static SqliteQueue open(Path file) throws IOException {
        try {
            SqliteQueue queue = new SqliteQueue(connect(file));
            try {
                queue.prepare(file);
                return queue;
            } catch (SQLException | IOException e) {
                queue.close();
                throw e;
            }
        } catch (SQLException e) {
            throw opening(e);
        }
    }

    /// A connection as every database of ours is opened.
    static Connection connect(Path file) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        // one process, one connection: no memory shared through a file
        config.setLockingMode(SQLiteConfig.LockingMode.EXCLUSIVE);
        config.setTempStore(SQLiteConfig.TempStore.MEMORY);
        config.setCacheSize(CACHE);
        return config.createConnection("jdbc:sqlite:" + file);
    }

    private void prepare(Path file) throws IOException, SQLException {
        try (Statement statement = connection.createStatement()) {
            // what was removed is not left to be read
            statement.execute("PRAGMA secure_delete=FAST");
            // a full disk at that time is not the failure of the commit before
            statement.execute("PRAGMA wal_autocheckpoint=0");
        }
        SqliteCheck.check(connection, file);
        SqliteSchema.prepare(connection, file, tally);
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

    /// What a failure at the start means: statements that are always the same are refused only by a
    /// database that says something else of its tables than we wrote.
    private static IOException opening(SQLException e) {
        return e instanceof SQLiteException its
                        && (its.getResultCode() == SQLiteErrorCode.SQLITE_ERROR
                                || its.getResultCode() == SQLiteErrorCode.SQLITE_MISMATCH
                                || its.getResultCode().name().startsWith("SQLITE_CONSTRAINT"))
                ? new CorruptException("database: " + e.getMessage())
                : translated(e);
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
        tally.save(connection);
        for (Long message : begun) {
            update("INSERT OR IGNORE INTO draft VALUES (?)", message);
        }
        begun.clear();
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
        begun.clear();
        tally.load(connection);
    }

    /// Adds a piece to a message that was begun.
    void append(MsgId id, Bytes bytes) throws SQLException {
        logged += bytes.length();
        begun.add(key(id));
        update(
                "INSERT INTO piece VALUES (?1,"
                        + " (SELECT COALESCE(MAX(number)+1, 0) FROM piece WHERE message=?1), ?2)",
                key(id),
                bytes);
    }

    /// Forgets a message that was begun.
    void discard(MsgId id) throws SQLException {
        begunNoMore(id);
        update("DELETE FROM piece WHERE message=?", key(id));
    }

    private void begunNoMore(MsgId id) throws SQLException {
        begun.remove(key(id));
        update("DELETE FROM draft WHERE message=?", key(id));
    }

    /// Makes a change within the transaction.
    void make(RecordTx tx) throws SQLException {
        if (tx.commit().isPresent()) {
            message(tx.commit().get());
        }
        for (RecordTx.Label label : tx.relabel()) {
            relabel(label);
        }
        for (RecordTx.Item item : tx.add()) {
            update(
                    "INSERT INTO envelope VALUES (?, ?, ?, NULL, NULL)",
                    key(item.id()),
                    crc(item.bytes()),
                    item.bytes());
        }
        tally.envelopes(tx.add().size());
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
        if (tx.roster().isPresent()) {
            update("REPLACE INTO roster VALUES (1, ?)", tx.roster().get());
        }
    }

    /// The roster; empty if there is none.
    Bytes roster() throws SQLException {
        try (ResultSet row = statement("SELECT bytes FROM roster").executeQuery()) {
            return row.next() ? Bytes.of(row.getBytes(1)) : Bytes.EMPTY;
        }
    }

    private void message(RecordTx.Commit it) throws SQLException {
        begunNoMore(it.message());
        update(
                "INSERT INTO message VALUES (?, 0, ?, ?, ?)",
                key(it.message()),
                it.size(),
                it.crc32c(),
                it.label());
        tally.message(it.label());
    }

    private void relabel(RecordTx.Label label) throws SQLException {
        Optional<Message> before = message(label.message());
        if (before.isPresent()) {
            update("UPDATE message SET label=? WHERE id=?", label.bytes(), key(label.message()));
            tally.relabelled(before.get().label(), label.bytes());
        }
    }

    private void remove(EvpId id) throws SQLException {
        if (update("DELETE FROM envelope WHERE id=?", key(id)) == 0) {
            return;
        }
        tally.envelopes(-1);
        if (ids("SELECT id FROM envelope WHERE id BETWEEN ? AND ? LIMIT 1", id.msgid()).isEmpty()) {
            end(id.msgid());
        }
    }

    /// A message has no envelopes any more.
    private void end(MsgId id) throws SQLException {
        PreparedStatement prepared =
                statement("DELETE FROM message WHERE id=? RETURNING held, label");
        bind(prepared, key(id));
        try (ResultSet row = prepared.executeQuery()) {
            if (row.next()) {
                tally.gone(Bytes.of(row.getBytes(2)), row.getInt(1) != 0);
            }
        }
        update("DELETE FROM piece WHERE message=?", key(id));
    }

    private List<EvpId> ids(String sql, MsgId message) throws SQLException {
        long first = (long) message.value() << 32;
        return idsOf(sql, first ^ Long.MIN_VALUE, (first | 0xffffffffL) ^ Long.MIN_VALUE);
    }

    private List<EvpId> idsOf(String sql, Object... values) throws SQLException {
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

    /// Some of the envelopes, ascending.
    ///
    /// @param envelopes each as [#envelope] would have it, or why it cannot be read
    /// @param last the last of them; empty at the end
    record Page(List<Stored> envelopes, Optional<EvpId> last) {}

    /// The next envelopes behind one, or from one on; with `held`, those of held messages too.
    Page page(Optional<EvpId> after, boolean inclusive, boolean held) throws SQLException {
        List<Stored> page = new ArrayList<>();
        EvpId last = null;
        try (ResultSet rows =
                rows("id, crc, bytes, state_crc, state", after, inclusive, held).executeQuery()) {
            while (rows.next()) {
                last = evpid(rows.getLong(1));
                page.add(found(last, rows));
            }
        }
        return new Page(page, Optional.ofNullable(last));
    }

    /// The ids of that page, for when it cannot be read at once.
    List<EvpId> ids(Optional<EvpId> after, boolean inclusive, boolean held) throws SQLException {
        List<EvpId> ids = new ArrayList<>();
        try (ResultSet rows = rows("id", after, inclusive, held).executeQuery()) {
            while (rows.next()) {
                ids.add(evpid(rows.getLong(1)));
            }
        }
        return ids;
    }

    private PreparedStatement rows(
            String columns, Optional<EvpId> after, boolean inclusive, boolean held)
            throws SQLException {
        PreparedStatement prepared =
                statement(
                        "SELECT "
                                + columns
                                + " FROM envelope WHERE id"
                                + (inclusive ? ">=" : ">")
                                + "? "
                                + (held || tally.held() == 0 ? "" : NOT_HELD)
                                + "ORDER BY id LIMIT "
                                + PAGE);
        bind(prepared, after.map(SqliteQueue::key).orElse(Long.MIN_VALUE));
        return prepared;
    }

    /// The message of an envelope, whose id's turned upper half it has, is not held.
    private static final String NOT_HELD =
            "AND NOT EXISTS (SELECT 1 FROM message WHERE held=1"
                    + " AND message.id=((envelope.id >> 32) + 2147483648)) ";

    Optional<Message> message(MsgId id) throws SQLException {
        PreparedStatement prepared = statement("SELECT size, crc, label FROM message WHERE id=?");
        bind(prepared, key(id));
        try (ResultSet row = prepared.executeQuery()) {
            return row.next()
                    ? Optional.of(
                            new Message(row.getLong(1), row.getInt(2), Bytes.of(row.getBytes(3))))
                    : Optional.empty();
        }
    }

    /// The next messages behind one, ascending; empty at the end.
    List<MsgId> messages(Optional<MsgId> after) throws SQLException {
        PreparedStatement prepared =
                statement("SELECT id FROM message WHERE id>? ORDER BY id LIMIT " + PAGE);
        bind(prepared, after.map(SqliteQueue::key).orElse(-1L));
        List<MsgId> ids = new ArrayList<>();
        try (ResultSet rows = prepared.executeQuery()) {
            while (rows.next()) {
                ids.add(new MsgId((int) rows.getLong(1)));
            }
        }
        return ids;
    }

    /// How many messages need each queue key.
    Map<Long, Long> keys() {
        return tally.keys();
    }

    /// An envelope; throws [SQLException] of damage when it is not what was stored.
    Optional<Stored.Found> envelope(EvpId id) throws SQLException {
        PreparedStatement prepared =
                statement("SELECT id, crc, bytes, state_crc, state FROM envelope WHERE id=?");
        bind(prepared, key(id));
        try (ResultSet row = prepared.executeQuery()) {
            return row.next() ? Optional.of(whole(id, row)) : Optional.empty();
        }
    }

    private static Stored found(EvpId id, ResultSet row) throws SQLException {
        try {
            return whole(id, row);
        } catch (SQLiteException e) {
            if (e.getResultCode() == SQLiteErrorCode.SQLITE_CORRUPT) {
                return damaged(id, e);
            }
            throw e;
        }
    }

    static Refused damaged(EvpId id, Exception why) {
        return new Refused(Refused.Reason.DAMAGED, "envelope " + id + ": " + why.getMessage());
    }

    private static Stored.Found whole(EvpId id, ResultSet row) throws SQLException {
        Bytes bytes = whole(row.getInt(2), row.getBytes(3));
        byte[] state = row.getBytes(5);
        return new Stored.Found(
                id,
                bytes,
                state == null ? Optional.empty() : Optional.of(whole(row.getInt(4), state)));
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
        if (fresh) {
            tally.hold();
        }
        commit();
        return fresh;
    }

    StoreStatus status(Optional<Refused> refusal) {
        return new StoreStatus(tally.messages(), tally.envelopes(), tally.held(), refusal);
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
