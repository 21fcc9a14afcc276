package smtpd.lka.table.sqlite;

import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConfig;

import smtpd.core.imsg.TableService;
import smtpd.lka.table.Table;
import smtpd.lka.table.TableContract;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The contract over an SQLite database.
class SqliteTableContractTest extends TableContract {
    @TempDir private Path dir;

    private Path database() {
        return dir.resolve("mail.db");
    }

    private void write(Map<String, String> pairs) throws SQLException {
        try (Connection connection =
                        new SQLiteConfig().createConnection("jdbc:sqlite:" + database());
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(
                    "CREATE TABLE IF NOT EXISTS pair (key TEXT, one TEXT, two TEXT, three TEXT)");
            statement.executeUpdate("DELETE FROM pair");
            for (Map.Entry<String, String> pair : pairs.entrySet()) {
                String[] parts = pair.getValue().split(":", 3);
                try (PreparedStatement insert =
                        connection.prepareStatement("INSERT INTO pair VALUES (?, ?, ?, ?)")) {
                    insert.setString(1, pair.getKey());
                    for (int i = 0; i < 3; i++) {
                        insert.setString(2 + i, i < parts.length ? parts[i] : null);
                    }
                    insert.executeUpdate();
                }
            }
        }
    }

    @Override
    protected void writePairs(Map<String, String> pairs) throws SQLException {
        write(pairs);
    }

    @Override
    protected void writeNames(List<String> names) throws SQLException {
        Map<String, String> pairs = new LinkedHashMap<>();
        names.forEach(name -> pairs.put(name, name));
        write(pairs);
    }

    @Override
    protected void spoil() throws IOException {
        Files.writeString(database(), "no database, but something that is as long as one begins");
    }

    @Override
    protected Table open() throws IOException {
        StringBuilder text = new StringBuilder("dbpath " + database() + "\n");
        for (TableService service : TableService.values()) {
            String columns =
                    switch (service) {
                        case CREDENTIALS -> "one, two";
                        case USERINFO -> "one, two, three";
                        default -> "one";
                    };
            if (service != TableService.AUTH) {
                text.append("query_")
                        .append(service.name().toLowerCase(Locale.ROOT))
                        .append(" SELECT ")
                        .append(columns)
                        .append(" FROM pair WHERE key=?\n");
            }
        }
        text.append("fetch_source SELECT key FROM pair ORDER BY rowid\n");
        Path conf = Files.writeString(dir.resolve("sqlite.conf"), text);
        return new SqliteTable("t", conf, InstantSource.system(), _ -> {});
    }
}
