package smtpd.lka.table.sqlite;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.TableService;
import smtpd.core.table.SqliteConf;
import smtpd.core.table.TableText;
import smtpd.lka.table.Answer;
import smtpd.lka.table.Table;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/// A table that is a SQLite database, only read, with a query for each service.
///
/// An update reads the file with the queries again and opens the database anew; if that fails the
/// former sessions go on.
public final class SqliteTable implements Table {
    private final String name;
    private final Path file;
    private final InstantSource clock;
    private final Consumer<String> complaints;
    private final Map<TableService, Round> rounds = new EnumMap<>(TableService.class);
    private volatile @Nullable SqlitePool pool;
    private volatile String missing = "never opened";

    /// A list that is taken in turn.
    private static final class Round {
        private final List<String> entries;
        private final Instant until;
        private int taken;

        private Round(List<String> entries, Instant until) {
            this.entries = entries;
            this.until = until;
        }
    }

    /// Opens the database.
    ///
    /// @param name the table's name
    /// @param file with the queries
    /// @param clock the time
    /// @param complaints told of words in the file that mean nothing
    public SqliteTable(String name, Path file, InstantSource clock, Consumer<String> complaints) {
        this.name = name;
        this.file = file;
        this.clock = clock;
        this.complaints = complaints;
        if (update() instanceof Update.Kept(String reason)) {
            missing = reason;
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String trouble() {
        return pool == null ? missing : "";
    }

    @Override
    public boolean offers(TableService service) {
        SqlitePool now = pool;
        return service != TableService.AUTH
                && (now == null || now.conf().queries().containsKey(service));
    }

    @Override
    public Answer lookup(TableService service, String key) {
        SqlitePool now = pool;
        if (now == null) {
            return notNow(missing);
        }
        if (!now.conf().queries().containsKey(service) || service == TableService.AUTH) {
            return notNow("no query_" + service.name().toLowerCase(Locale.ROOT));
        }
        try {
            List<String> rows = now.run(session -> session.query(service, TableText.fold(key)));
            if (rows.isEmpty()) {
                return Answer.NOT_FOUND;
            }
            boolean several = service == TableService.ALIAS || service == TableService.MAILADDRMAP;
            return new Answer.Found(several ? String.join(", ", rows) : rows.getFirst());
        } catch (IOException e) {
            return notNow(String.valueOf(e.getMessage()));
        }
    }

    /// The list is asked for again when it has been used often, or for long.
    @Override
    public Answer fetch(TableService service) {
        SqlitePool now = pool;
        if (now == null) {
            return notNow(missing);
        }
        if (!now.conf().fetches().containsKey(service)) {
            return notNow("no fetch_" + service.name().toLowerCase(Locale.ROOT));
        }
        synchronized (rounds) {
            Round round = rounds.get(service);
            if (round == null
                    || round.taken >= now.conf().refresh()
                    || !clock.instant().isBefore(round.until)) {
                try {
                    List<String> entries = now.run(session -> session.fetch(service));
                    round = new Round(entries, clock.instant().plus(now.conf().expire()));
                    rounds.put(service, round);
                } catch (IOException e) {
                    return notNow(String.valueOf(e.getMessage()));
                }
            }
            if (round.entries.isEmpty()) {
                return Answer.NOT_FOUND;
            }
            return new Answer.Found(round.entries.get(round.taken++ % round.entries.size()));
        }
    }

    private Answer notNow(String reason) {
        return new Answer.Tempfail("table " + name + ": " + reason);
    }

    @Override
    public synchronized Update update() {
        try {
            SqliteConf conf = SqliteConf.read(file);
            for (String word : conf.unknown()) {
                complaints.accept("table " + name + ": " + file + ": no such key: " + word);
            }
            SqlitePool old = pool;
            pool = new SqlitePool(name, conf);
            synchronized (rounds) {
                rounds.clear();
            }
            if (old != null) {
                old.close();
            }
            return new Update.Updated(0);
        } catch (TableText.Malformed e) {
            return new Update.Kept(e.in(file.toString()));
        } catch (SQLException | IOException e) {
            return new Update.Kept(String.valueOf(e.getMessage()));
        }
    }
}
