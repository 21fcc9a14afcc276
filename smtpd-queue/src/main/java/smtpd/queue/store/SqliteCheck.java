package smtpd.queue.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Whether a database is as it was left, looked at before anything in it is changed: SQLite itself
/// takes a table whose name was damaged for one that is not there, and a page with fewer rows than
/// it had for one with few rows.
final class SqliteCheck {
    /// Bytes of the largest database that is read whole at start: some hundred thousand messages,
    /// which takes less than a second. What is larger is checked where it is read.
    private static final long WHOLE_MAX = 256L * 1024 * 1024;

    /// Bytes of the header.
    private static final int HEADER = 100;

    /// Questions that each column must be there for.
    private static final List<String> COLUMNS =
            List.of(
                    "SELECT id, held, size, crc, label FROM message LIMIT 1",
                    "SELECT message, number, bytes FROM piece LIMIT 1",
                    "SELECT id, crc, bytes, state_crc, state FROM envelope LIMIT 1",
                    "SELECT one, bytes FROM roster LIMIT 1",
                    "SELECT message FROM draft LIMIT 1",
                    "SELECT one, messages, envelopes, held FROM tally LIMIT 1",
                    "SELECT id, messages FROM sealed_by LIMIT 1");

    private SqliteCheck() {}

    /// Throws [CorruptException] when something is damaged.
    static void check(Connection connection, Path file) throws IOException, SQLException {
        header(file);
        try (Statement statement = connection.createStatement()) {
            long version = number(statement, "PRAGMA user_version");
            Set<String> tables = tables(statement);
            if (version == 0 && tables.isEmpty()) {
                return;
            }
            if (version == 0 || (version == 1 && tables.contains("tally"))) {
                throw new CorruptException("database: its version is damaged");
            }
            if (version != SqliteSchema.VERSION) {
                return; // refused, or converted
            }
            if (!tables.equals(SqliteSchema.NAMES)) {
                throw new CorruptException("database: there are the tables " + tables);
            }
            for (String question : COLUMNS) {
                text(statement, question);
            }
            if (Files.size(file) <= WHOLE_MAX) {
                whole(statement);
            }
        }
    }

    /// With other versions than 1 and 2 in its header SQLite takes it for one that may be read only
    /// (SQLite file format §1.3.3).
    private static void header(Path file) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (channel.read(header, 0) < HEADER) {
                return;
            }
        }
        for (int at = 18; at < 20; at++) {
            if (header.get(at) != 1 && header.get(at) != 2) {
                throw new CorruptException("database: its header is damaged");
            }
        }
    }

    private static void whole(Statement statement) throws IOException, SQLException {
        String found = text(statement, "PRAGMA quick_check(1)");
        if (!found.equals("ok")) {
            throw new CorruptException("database: " + found.replace('\n', ' '));
        }
        String counted =
                text(
                        statement,
                        "SELECT (SELECT COUNT(*) FROM message) || ' messages, '"
                                + " || (SELECT COUNT(*) FROM envelope) || ' envelopes, '"
                                + " || (SELECT COUNT(*) FROM message WHERE held<>0) || ' held'");
        String tally =
                text(
                        statement,
                        "SELECT COALESCE((SELECT messages || ' messages, ' || envelopes"
                                + " || ' envelopes, ' || held || ' held' FROM tally),"
                                + " '0 messages, 0 envelopes, 0 held')");
        if (!counted.equals(tally)) {
            throw new CorruptException("database: " + counted + " are left of " + tally);
        }
    }

    private static Set<String> tables(Statement statement) throws SQLException {
        Set<String> names = new TreeSet<>();
        try (ResultSet rows =
                statement.executeQuery("SELECT name FROM sqlite_schema WHERE type='table'")) {
            while (rows.next()) {
                names.add(String.valueOf(rows.getString(1)));
            }
        }
        return names;
    }

    private static long number(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    private static String text(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? String.valueOf(row.getString(1)) : "";
        }
    }
}
