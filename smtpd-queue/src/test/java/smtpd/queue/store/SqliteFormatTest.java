package smtpd.queue.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import smtpd.core.fs.DiskFs;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.MsgId;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// Versions of the database, and what it counts of itself.
class SqliteFormatTest {
    /// What version 1 was, made of what is there.
    private static final List<String> BACK_TO_1 =
            List.of(
                    "ALTER TABLE message RENAME TO now",
                    """
                    CREATE TABLE message (
                      id INTEGER PRIMARY KEY, committed INTEGER NOT NULL, held INTEGER NOT NULL,
                      size INTEGER NOT NULL, crc INTEGER NOT NULL, label BLOB NOT NULL)
                    """,
                    "INSERT INTO message SELECT id, 1, held, size, crc, label FROM now",
                    "DROP TABLE now",
                    "DROP TABLE draft",
                    "DROP TABLE tally",
                    "DROP TABLE sealed_by",
                    "PRAGMA user_version=1");

    @TempDir private Path spool;
    private final SplittableRandom random = new SplittableRandom(11);

    private SqliteStore records() throws Exception {
        return SqliteStore.open(new DiskFs(spool), spool, Packings.NO_FLOOR, _ -> {});
    }

    private SteppedMail open() throws Exception {
        return new SteppedMail(records(), Packings.sealed(), _ -> {});
    }

    private Envelope accept(SteppedMail store, byte[] content) {
        MsgId id = begin(store, content);
        Envelope e = Mails.envelope(store.newEnvelopeId(id, random), "a@example.org");
        List<StoreResult> results = new ArrayList<>();
        store.commit(StoreTx.accept(Mails.commit(id, content), List.of(e)), results::add);
        store.step(true);
        assertEquals(List.of(StoreResult.DONE), results);
        return e;
    }

    private MsgId begin(SteppedMail store, byte[] content) {
        MsgId id = assertInstanceOf(NewMessage.Opened.class, store.create(random)).id();
        store.append(id, Bytes.of(content), _ -> {});
        return id;
    }

    private void remove(SteppedMail store, Envelope e) {
        store.commit(StoreTx.results(List.of(), List.of(e.id())), _ -> {});
        store.step(true);
    }

    private void execute(List<String> all) throws Exception {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String each : all) {
                statement.execute(each);
            }
        }
    }

    private Connection connect() throws Exception {
        return DriverManager.getConnection("jdbc:sqlite:" + spool.resolve(SqliteQueue.FILE));
    }

    private long count(String table) throws Exception {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT COUNT(*) FROM " + table)) {
            return row.getLong(1);
        }
    }

    @Test
    @DisplayName("F-80 a database of version 1 is read, and is one of version 2 afterwards")
    void versionOneIsRead() throws Exception {
        byte[] content = Mails.bytes(60_000, random);
        SteppedMail before = open();
        Envelope e = accept(before, content);
        accept(before, content);
        before.close();
        execute(BACK_TO_1);
        execute(List.of("INSERT INTO piece VALUES (5, 0, x'00')"));
        SteppedMail after = open();
        assertEquals(new Loaded.Found(e), after.load(e.id()));
        assertArrayEquals(content, Mails.read(after, e.msgid()).orElseThrow());
        assertEquals(2, after.status().messages());
        assertEquals(2, after.status().envelopes());
        after.close();
        assertEquals(1, count("pragma_user_version WHERE user_version=2"));
        assertEquals(0, count("piece WHERE message=5"));
        SqliteStore records = records();
        assertEquals(List.of(2L), List.copyOf(records.keys().values()));
        records.close();
    }

    @Test
    @DisplayName("F-80 a database of a later version is refused, and named")
    void laterVersionIsRefused() throws Exception {
        open().close();
        execute(List.of("PRAGMA user_version=3"));
        SpoolRefusedException refused = assertThrows(SpoolRefusedException.class, this::records);
        assertTrue(String.valueOf(refused.getMessage()).contains("version 3"));
    }

    @Test
    void countsAreKeptOverARestart() throws Exception {
        SteppedMail store = open();
        Envelope gone = accept(store, Mails.bytes(10, random));
        Envelope held = accept(store, Mails.bytes(10, random));
        accept(store, Mails.bytes(10, random));
        remove(store, gone);
        store.close();
        SqliteStore records = records();
        records.hold(held.msgid(), "a test");
        assertEquals(List.of(2L), List.copyOf(records.keys().values()));
        records.close();
        SteppedMail again = open();
        assertEquals(2, again.status().messages());
        assertEquals(2, again.status().envelopes());
        assertEquals(1, again.status().damaged());
        remove(again, held);
        assertEquals(1, again.status().messages());
        assertEquals(0, again.status().damaged());
        again.close();
    }

    @Test
    void aKeyNobodyNeedsAnyMoreIsForgotten() throws Exception {
        SteppedMail store = open();
        Envelope e = accept(store, Mails.bytes(10, random));
        remove(store, e);
        store.close();
        SqliteStore records = records();
        assertEquals(Map.of(), records.keys());
        records.close();
    }

    @Test
    void contentThatNobodyCommittedIsGoneAfterAStart() throws Exception {
        SteppedMail store = open();
        accept(store, Mails.bytes(10, random));
        MsgId begun = begin(store, Mails.bytes(60_000, random));
        store.append(begun, Bytes.of(Mails.bytes(60_000, random)), _ -> {});
        store.step(true);
        store.close();
        assertTrue(count("piece") > 1);
        open().close();
        assertEquals(1, count("piece"));
        assertEquals(0, count("draft"));
    }
}
