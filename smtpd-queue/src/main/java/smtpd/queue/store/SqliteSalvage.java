package smtpd.queue.store;

import smtpd.core.fs.SpoolFs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.Consumer;

/// Makes a new database of what can be read of a damaged one, which is kept in `corrupt`.
///
/// Rows are read from both ends of each table and message by message, so that a damaged page costs
/// what is in it. What cannot be read there is not guessed: a message whose content is incomplete
/// is held when it is read, an envelope without its message at once.
///
/// Crash points: the damaged files stay where they are until the new one is complete; the first
/// rename makes salvage a thing of the past, and [#finish] does the last.
final class SqliteSalvage {
    private static final String FRESH = SqliteQueue.FILE + ".salvaged";
    private static final String WORK = SqliteQueue.FILE + ".damaged";
    private static final String LOG = "-wal";

    /// Bytes of a page, as SQLite has it by itself and as every database of ours was made.
    private static final int PAGE = 4096;

    /// Where the first page says how many pages there are, and which are free (SQLite file format
    /// §1.3).
    private static final int PAGES_AT = 28;

    private final SpoolFs fs;
    private final Path directory;

    private SqliteSalvage(SpoolFs fs, Path directory) {
        this.fs = fs;
        this.directory = directory;
    }

    /// Completes a salvage that was interrupted behind its last step but one.
    static void finish(SpoolFs fs, Path directory) throws IOException {
        Path fresh = directory.resolve(FRESH);
        Path file = directory.resolve(SqliteQueue.FILE);
        if (Files.exists(fresh) && !Files.exists(file)) {
            Files.move(fresh, file);
            fs.forceDir("");
        }
    }

    /// Replaces the database in a spool, in `directory`, by what can be read of it.
    static void run(SpoolFs fs, Path directory, String why, Consumer<StoreNotice> notices)
            throws IOException {
        fs.makeDir(SegmentFormat.CORRUPT_DIR);
        String found;
        try {
            found = new SqliteSalvage(fs, directory).run();
        } catch (SQLException e) {
            throw SqliteQueue.translated(e);
        }
        notices.accept(StoreNotice.alarm(why + "; " + found));
    }

    private String run() throws IOException, SQLException {
        Path file = directory.resolve(SqliteQueue.FILE);
        Path fresh = directory.resolve(FRESH);
        remove(fresh);
        try (SqliteQueue _ = SqliteQueue.open(fresh)) {
            // its tables are what is wanted
        }
        Path work = copy(file, fresh);
        String counts = fill(work, fresh);
        remove(work);
        try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        String kept = keep(file);
        Files.move(fresh, file);
        fs.forceDir("");
        return counts + " could be read; what was found is " + kept;
    }

    /// A copy with its log in it and with a first page, where the tables are named, that is whole.
    private Path copy(Path file, Path fresh) throws IOException {
        Path work = directory.resolve(WORK);
        remove(work);
        Files.copy(file, work);
        Path log = log(file);
        if (Files.exists(log)) {
            Files.copy(log, log(work));
        }
        try (Connection connection = SqliteQueue.connect(work);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        } catch (SQLException _) {
            // what is in the log alone is kept with the rest, and not read
        }
        Files.deleteIfExists(log(work));
        ByteBuffer first = ByteBuffer.allocate(PAGE);
        try (FileChannel from = FileChannel.open(fresh, StandardOpenOption.READ);
                FileChannel to =
                        FileChannel.open(work, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            from.read(first, 0);
            int pages = Math.toIntExact((to.size() + PAGE - 1) / PAGE);
            first.putInt(PAGES_AT, pages).putInt(PAGES_AT + 4, 0).putInt(PAGES_AT + 8, 0);
            to.write(first.flip(), 0);
        }
        return work;
    }

    private static String fill(Path work, Path fresh) throws SQLException {
        try (Connection from = SqliteQueue.connect(work);
                Connection to = SqliteQueue.connect(fresh)) {
            from.setAutoCommit(false);
            to.setAutoCommit(false);
            fromBothEnds(from, to, "message", "id, held, size, crc, label", "id");
            String envelope = "id, crc, bytes, state_crc, state";
            fromBothEnds(from, to, "envelope", envelope, "id");
            fromBothEnds(from, to, "piece", "message, number, bytes", "rowid");
            byMessage(from, to, envelope);
            try (Statement statement = to.createStatement()) {
                statement.execute(
                        "INSERT INTO message SELECT DISTINCT (id >> 32) + 2147483648, 1, -1, 0, x''"
                                + " FROM envelope WHERE (id >> 32) + 2147483648"
                                + " NOT IN (SELECT id FROM message)");
                statement.execute(
                        "DELETE FROM message WHERE id NOT IN"
                                + " (SELECT (id >> 32) + 2147483648 FROM envelope)");
                statement.execute(
                        "DELETE FROM piece WHERE message NOT IN (SELECT id FROM message)");
            }
            SqliteTally tally = new SqliteTally();
            tally.count(to);
            to.commit();
            return tally.messages()
                    + " messages and "
                    + tally.envelopes()
                    + " envelopes, "
                    + tally.held()
                    + " of them held,";
        }
    }

    private static void fromBothEnds(
            Connection from, Connection to, String table, String columns, String key)
            throws SQLException {
        String rows = "SELECT " + columns + " FROM " + table + " NOT INDEXED ORDER BY " + key;
        if (!take(from, to, table, rows)) {
            take(from, to, table, rows + " DESC");
        }
    }

    /// What lies between two damaged pages is found by the ids of the messages.
    private static void byMessage(Connection from, Connection to, String envelope)
            throws SQLException {
        try (Statement statement = to.createStatement();
                ResultSet ids = statement.executeQuery("SELECT id FROM message")) {
            while (ids.next()) {
                long id = ids.getLong(1);
                long first = (id << 32) ^ Long.MIN_VALUE;
                take(
                        from,
                        to,
                        "envelope",
                        "SELECT %s FROM envelope WHERE id BETWEEN %d AND %d"
                                .formatted(envelope, first, first | 0xffffffffL));
                take(
                        from,
                        to,
                        "piece",
                        "SELECT message, number, bytes FROM piece WHERE message=" + id);
            }
        }
    }

    /// Takes rows up to the first that cannot be read; whether that was all of them.
    private static boolean take(Connection from, Connection to, String table, String sql)
            throws SQLException {
        try (Statement statement = from.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            int columns = rows.getMetaData().getColumnCount();
            String places = "?,".repeat(columns).substring(0, 2 * columns - 1);
            try (PreparedStatement put =
                    to.prepareStatement(
                            "INSERT OR IGNORE INTO " + table + " VALUES (" + places + ")")) {
                while (rows.next()) {
                    for (int i = 1; i <= columns; i++) {
                        put.setObject(i, rows.getObject(i));
                    }
                    put.executeUpdate();
                }
            }
            return true;
        } catch (SQLException e) {
            if (SqliteQueue.translated(e) instanceof CorruptException) {
                return false;
            }
            throw e;
        }
    }

    /// Moves the damaged files out of the way, under a name that is free.
    private String keep(Path file) throws IOException {
        int number = 1;
        String name;
        do {
            name = SegmentFormat.CORRUPT_DIR + "/" + SqliteQueue.FILE + "-" + number++;
        } while (Files.exists(directory.resolve(name)));
        Path kept = directory.resolve(name);
        Path log = log(file);
        if (Files.exists(log)) {
            Files.move(log, log(kept), StandardCopyOption.REPLACE_EXISTING);
        }
        Files.move(file, kept);
        fs.forceDir(SegmentFormat.CORRUPT_DIR);
        fs.forceDir("");
        return name;
    }

    private static Path log(Path file) {
        return file.resolveSibling(file.getFileName() + LOG);
    }

    private static void remove(Path file) throws IOException {
        Files.deleteIfExists(file);
        Files.deleteIfExists(log(file));
    }
}
