package smtpd.queue.store;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;

/// The tables of an [SqliteQueue] and their versions.
///
/// Version 2 names the messages that were begun and not committed, and keeps a tally, so that a
/// start need not read all there is. A database of version 1 is made one of version 2 in one
/// transaction; any other is refused.
final class SqliteSchema {
    /// `PRAGMA user_version` of what is written.
    static final int VERSION = 2;

    private static final List<String> TABLES =
            List.of(
                    """
                    CREATE TABLE IF NOT EXISTS message (
                      id INTEGER PRIMARY KEY, held INTEGER NOT NULL,
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
                    """,
                    """
                    CREATE TABLE IF NOT EXISTS roster (
                      one INTEGER PRIMARY KEY CHECK (one=1), bytes BLOB NOT NULL)
                    """,
                    "CREATE TABLE IF NOT EXISTS draft (message INTEGER PRIMARY KEY)",
                    """
                    CREATE TABLE IF NOT EXISTS tally (
                      one INTEGER PRIMARY KEY CHECK (one=1), messages INTEGER NOT NULL,
                      envelopes INTEGER NOT NULL, held INTEGER NOT NULL)
                    """,
                    """
                    CREATE TABLE IF NOT EXISTS sealed_by (
                      id INTEGER PRIMARY KEY, messages INTEGER NOT NULL)
                    """);

    /// The tables of this version.
    static final Set<String> NAMES =
            Set.of("message", "piece", "envelope", "roster", "draft", "tally", "sealed_by");

    private SqliteSchema() {}

    /// Makes a database what this version expects, and forgets content that nobody committed; then
    /// `tally` has its counts. Throws [SpoolRefusedException] for a version that is not known.
    static void prepare(Connection connection, Path file, SqliteTally tally)
            throws IOException, SQLException {
        try (Statement statement = connection.createStatement()) {
            int found = version(statement);
            if (found < 0 || found > VERSION) {
                throw new SpoolRefusedException(
                        file
                                + ": format version "
                                + found
                                + ", this program knows versions up to "
                                + VERSION);
            }
            connection.setAutoCommit(false);
            for (String each : TABLES) {
                statement.execute(each);
            }
            if (found == 1) {
                statement.execute(
                        "DELETE FROM piece WHERE message NOT IN (SELECT id FROM message)");
                statement.execute("ALTER TABLE message DROP COLUMN committed");
                tally.count(connection);
            } else {
                statement.execute("DELETE FROM piece WHERE message IN (SELECT message FROM draft)");
                statement.execute("DELETE FROM draft");
                tally.load(connection);
            }
            statement.execute("PRAGMA user_version=" + VERSION);
            connection.commit();
        }
    }

    private static int version(Statement statement) throws SQLException {
        try (ResultSet version = statement.executeQuery("PRAGMA user_version")) {
            return version.next() ? version.getInt(1) : 0;
        }
    }
}
