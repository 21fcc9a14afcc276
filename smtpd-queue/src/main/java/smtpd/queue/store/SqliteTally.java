package smtpd.queue.store;

import smtpd.core.mail.Bytes;
import smtpd.queue.seal.SealException;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// How much is in a database, counted as it changes: to ask the tables would be to read them whole.
///
/// State: the counts as of the open transaction; [#save] writes them in it, [#load] takes them back
/// to what was committed.
///
/// Guarded by its [SqliteQueue].
final class SqliteTally {
    private long messages;
    private long envelopes;
    private long held;
    private final Map<Long, Long> keys = new TreeMap<>();
    private final Set<Long> changedKeys = new TreeSet<>();
    private boolean changed;

    long messages() {
        return messages;
    }

    long envelopes() {
        return envelopes;
    }

    long held() {
        return held;
    }

    /// How many messages need each queue key.
    Map<Long, Long> keys() {
        return new TreeMap<>(keys);
    }

    /// A message came.
    void message(Bytes label) {
        messages++;
        changed = true;
        key(label, 1);
    }

    /// A message went.
    void gone(Bytes label, boolean wasHeld) {
        messages--;
        held -= wasHeld ? 1 : 0;
        changed = true;
        key(label, -1);
    }

    /// A message has another label.
    void relabelled(Bytes before, Bytes after) {
        key(before, -1);
        key(after, 1);
    }

    /// Envelopes came or went.
    void envelopes(int more) {
        envelopes += more;
        changed = true;
    }

    /// A message is held from now on.
    void hold() {
        held++;
        changed = true;
    }

    private void key(Bytes label, long more) {
        if (!MessageLabel.isSealed(label)) {
            return;
        }
        try {
            long id = MessageLabel.keyId(label);
            keys.merge(id, more, Long::sum);
            changedKeys.add(id);
        } catch (SealException _) {
            // damaged: held when it is read
        }
    }

    /// Reads what was committed.
    void load(Connection connection) throws SQLException {
        keys.clear();
        changedKeys.clear();
        changed = false;
        try (Statement statement = connection.createStatement()) {
            try (ResultSet row =
                    statement.executeQuery("SELECT messages, envelopes, held FROM tally")) {
                boolean any = row.next();
                messages = any ? row.getLong(1) : 0;
                envelopes = any ? row.getLong(2) : 0;
                held = any ? row.getLong(3) : 0;
            }
            try (ResultSet rows = statement.executeQuery("SELECT id, messages FROM sealed_by")) {
                while (rows.next()) {
                    keys.put(rows.getLong(1), rows.getLong(2));
                }
            }
        }
    }

    /// Counts everything there is, and saves that.
    void count(Connection connection) throws SQLException {
        messages = 0;
        held = 0;
        try (Statement statement = connection.createStatement()) {
            try (ResultSet rows = statement.executeQuery("SELECT label, held FROM message")) {
                while (rows.next()) {
                    message(Bytes.of(rows.getBytes(1)));
                    held += rows.getInt(2);
                }
            }
            try (ResultSet row = statement.executeQuery("SELECT COUNT(*) FROM envelope")) {
                envelopes = row.next() ? row.getLong(1) : 0;
            }
        }
        changed = true;
        save(connection);
    }

    /// Writes what changed.
    void save(Connection connection) throws SQLException {
        if (changed) {
            execute(
                    connection,
                    "REPLACE INTO tally VALUES (1, ?, ?, ?)",
                    messages,
                    envelopes,
                    held);
            changed = false;
        }
        for (Long id : changedKeys) {
            long users = keys.getOrDefault(id, 0L);
            if (users == 0) {
                keys.remove(id);
                execute(connection, "DELETE FROM sealed_by WHERE id=?", id);
            } else {
                execute(connection, "REPLACE INTO sealed_by VALUES (?, ?)", id, users);
            }
        }
        changedKeys.clear();
    }

    private static void execute(Connection connection, String sql, long... values)
            throws SQLException {
        try (PreparedStatement prepared = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                prepared.setLong(i + 1, values[i]);
            }
            prepared.executeUpdate();
        }
    }
}
