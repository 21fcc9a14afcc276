package smtpd.lka.table.sqlite;

import org.sqlite.SQLiteConfig;

import smtpd.core.imsg.TableService;
import smtpd.core.table.SqliteConf;

import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/// An open database with every statement prepared, for one thread at a time.
final class SqliteSession implements AutoCloseable {
    /// How long a writer may hold the database before the answer is "not now".
    private static final int BUSY_MILLIS = 2_000;

    /// Rows of one answer, or of one list that is taken in turn.
    private static final int ROWS_MAX = 100_000;

    private final Connection connection;
    private final Map<TableService, PreparedStatement> queries = new EnumMap<>(TableService.class);
    private final Map<TableService, PreparedStatement> fetches = new EnumMap<>(TableService.class);

    private SqliteSession(Connection connection) {
        this.connection = connection;
    }

    /// Opens a database for reading.
    ///
    /// @throws IOException if there is no such file
    /// @throws SQLException if it cannot be opened, or a statement does not fit it
    static SqliteSession open(SqliteConf conf) throws IOException, SQLException {
        if (!Files.isReadable(conf.database())) {
            throw new IOException(conf.database() + ": cannot be read");
        }
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        config.setBusyTimeout(BUSY_MILLIS);
        SqliteSession session =
                new SqliteSession(config.createConnection("jdbc:sqlite:" + conf.database()));
        try {
            for (Map.Entry<TableService, String> query : conf.queries().entrySet()) {
                session.queries.put(
                        query.getKey(), session.prepare(query.getValue(), columns(query.getKey())));
            }
            for (Map.Entry<TableService, String> fetch : conf.fetches().entrySet()) {
                session.fetches.put(fetch.getKey(), session.prepare(fetch.getValue(), 1));
            }
            return session;
        } catch (SQLException e) {
            session.close();
            throw e;
        }
    }

    /// How many columns the answer to a service has (OpenSMTPD: table-sqlite).
    private static int columns(TableService service) {
        return switch (service) {
            case CREDENTIALS -> 2;
            case USERINFO -> 3;
            case ALIAS,
                    DOMAIN,
                    NETADDR,
                    SOURCE,
                    MAILADDR,
                    ADDRNAME,
                    MAILADDRMAP,
                    RELAYHOST,
                    STRING,
                    REGEX,
                    AUTH ->
                    1;
        };
    }

    private PreparedStatement prepare(String text, int columns) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(text);
        int found = statement.getMetaData().getColumnCount();
        if (found != columns) {
            throw new SQLException(found + " columns instead of " + columns + ": " + text);
        }
        return statement;
    }

    /// The rows under a key, the columns of each joined by a colon.
    List<String> query(TableService service, String key) throws SQLException {
        PreparedStatement statement = statement(queries, service);
        for (int i = 1; i <= statement.getParameterMetaData().getParameterCount(); i++) {
            statement.setString(i, key);
        }
        return rows(statement);
    }

    /// The rows that are taken in turn.
    List<String> fetch(TableService service) throws SQLException {
        return rows(statement(fetches, service));
    }

    private static PreparedStatement statement(
            Map<TableService, PreparedStatement> statements, TableService service)
            throws SQLException {
        PreparedStatement statement = statements.get(service);
        if (statement == null) {
            throw new SQLException("no statement for " + service);
        }
        return statement;
    }

    private static List<String> rows(PreparedStatement statement) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (ResultSet result = statement.executeQuery()) {
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                if (rows.size() >= ROWS_MAX) {
                    throw new SQLException("more than " + ROWS_MAX + " rows");
                }
                rows.add(row(result, columns));
            }
        }
        return rows;
    }

    private static String row(ResultSet result, int columns) throws SQLException {
        StringJoiner row = new StringJoiner(":");
        for (int i = 1; i <= columns; i++) {
            String value = result.getString(i);
            if (value == null) {
                throw new SQLException("column " + i + " is null");
            }
            row.add(value);
        }
        return row.toString();
    }

    /// Stops what another thread waits for in this session.
    void interrupt() {
        Iterator<PreparedStatement> any =
                (queries.isEmpty() ? fetches : queries).values().iterator();
        try {
            if (any.hasNext()) {
                any.next().cancel();
            }
        } catch (SQLException _) {
            // it was over already
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
