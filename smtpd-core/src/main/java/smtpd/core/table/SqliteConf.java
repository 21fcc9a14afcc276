package smtpd.core.table;

import smtpd.core.imsg.TableService;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The file that a `sqlite` table names: where the database is, and a query for each service
/// (OpenSMTPD: table-sqlite(5)).
///
/// @param database `dbpath`
/// @param queries `query_SERVICE`: the statement whose `?` is the key
/// @param fetches `fetch_SERVICE`: the statement that lists what is taken in turn
/// @param expire `fetch_source_expire`: how long a list is used
/// @param refresh `fetch_source_refresh`: how often a list is used
/// @param unknown keys that mean nothing, which do not count
public record SqliteConf(
        Path database,
        Map<TableService, String> queries,
        Map<TableService, String> fetches,
        Duration expire,
        int refresh,
        List<String> unknown) {
    private static final Duration EXPIRE = Duration.ofSeconds(60);
    private static final int REFRESH = 1000;

    public SqliteConf {
        queries = Collections.unmodifiableMap(new EnumMap<>(queries));
        fetches = Collections.unmodifiableMap(new EnumMap<>(fetches));
        unknown = List.copyOf(unknown);
    }

    /// Reads the file.
    ///
    /// @throws TableText.Malformed naming the line that is wrong
    /// @throws IOException if it cannot be read, or names no database
    public static SqliteConf read(Path file) throws IOException, TableText.Malformed {
        Draft draft = new Draft();
        try (InputStream in = Files.newInputStream(file)) {
            TableText.read(in, TableText.Kind.MAPPING, draft::entry);
        }
        if (draft.database.isEmpty()) {
            throw new IOException("no dbpath");
        }
        return new SqliteConf(
                Path.of(draft.database),
                draft.queries,
                draft.fetches,
                draft.expire,
                draft.refresh,
                draft.unknown);
    }

    private static final class Draft {
        private static final String QUERY = "query_";
        private static final String FETCH = "fetch_";

        private String database = "";
        private final Map<TableService, String> queries = new EnumMap<>(TableService.class);
        private final Map<TableService, String> fetches = new EnumMap<>(TableService.class);
        private Duration expire = EXPIRE;
        private int refresh = REFRESH;
        private final List<String> unknown = new ArrayList<>();

        private void entry(String key, String value) throws IOException {
            switch (key) {
                case "dbpath" -> database = value;
                case "fetch_source_expire" -> expire = Duration.ofSeconds(number(key, value));
                case "fetch_source_refresh" -> refresh = number(key, value);
                default -> statement(key, value);
            }
        }

        private void statement(String key, String value) {
            for (TableService service : TableService.values()) {
                String word = service.name().toLowerCase(Locale.ROOT);
                if (key.equals(QUERY + word)) {
                    queries.putIfAbsent(service, value);
                    return;
                }
                if (key.equals(FETCH + word)) {
                    fetches.putIfAbsent(service, value);
                    return;
                }
            }
            unknown.add(key);
        }

        private static int number(String key, String value) throws IOException {
            if (!value.matches("[0-9]{1,9}")) {
                throw new IOException(key + ": not a number: " + value);
            }
            return Integer.parseInt(value);
        }
    }
}
