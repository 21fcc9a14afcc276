package smtpd.control.stat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

final class SqliteRecordingTest extends RecordingContract {
    @TempDir private Path dir;

    private Path file() {
        return dir.resolve("statistics.db");
    }

    @Override
    Recording open() throws IOException {
        return Recording.sqlite(file(), NOW);
    }

    private void reopen() throws IOException {
        recording.close();
        recording = open();
    }

    @Test
    void totalsOfEveryKindOutliveTheProcess() throws IOException {
        Distribution took = new Distribution();
        took.add(1_000);
        took.add(90_000);
        Map<String, Metric> totals =
                Map.of(
                        "ok", new Metric.Counter(12),
                        "last", new Metric.Stamp(1_700_000_000L),
                        "share", new Metric.Ratio(3, 4),
                        "took", new Metric.Durations(took));
        Map<String, Metric> all = new TreeMap<>(totals);
        all.put("session", new Metric.Level(5));
        recording.take(reading(0, all));
        reopen();
        assertEquals(new TreeMap<>(totals), recording.totals());
    }

    @Test
    void aRestartCountsNothingTwiceAndLosesNothing() throws IOException {
        count(0, 5, 0);
        count(1, 8, 0);
        reopen();
        assertEquals(Map.of("ok", new Metric.Counter(8)), recording.totals());
        count(3, 8, 0);
        count(4, 10, 0);
        Map<String, Long> gains =
                recording.history().gains(NOW.plusSeconds(4), Duration.ofSeconds(10));
        assertEquals(Map.of("ok", 10L), gains);
        assertEquals(
                10,
                recording.history().series("ok", NOW.plusSeconds(4), Duration.ofDays(2), 9).sum());
    }

    @Test
    void aFileThatWasNeverClosedIsReadAsItWasLast() throws IOException {
        count(0, 5, 0);
        count(1, 8, 0);
        Path copy = dir.resolve("copy.db");
        Files.copy(file(), copy);
        Files.copy(dir.resolve("statistics.db-wal"), dir.resolve("copy.db-wal"));
        try (Recording other = Recording.sqlite(copy, NOW)) {
            assertEquals(Map.of("ok", new Metric.Counter(8)), other.totals());
        }
    }

    @Test
    void theFileIsBoundedByItsStepsHoweverLongItRuns() throws IOException {
        Map<String, Metric> metrics = new TreeMap<>();
        Tier week = Tier.LASTING.get(1);
        SqliteStore store = SqliteStore.open(dir.resolve("week.db"), NOW);
        try (store) {
            TreeMap<String, Long> gains = new TreeMap<>();
            TreeMap<String, Long> levels = new TreeMap<>();
            for (int i = 0; i < Sample.NUMBERS_MAX; i++) {
                gains.put("gain" + i, 1_000L * i);
                levels.put("level" + i, 1_000L * i);
            }
            long size = 0;
            for (int turn = 0; turn < 3; turn++) {
                for (int step = 0; step < week.steps(); step += 500) {
                    java.util.List<SampleStore.Kept> some = new java.util.ArrayList<>();
                    for (int i = step; i < Math.min(step + 500, week.steps()); i++) {
                        long at = (long) turn * week.steps() + i;
                        some.add(new SampleStore.Kept(week, new Sample(at, gains, levels)));
                    }
                    store.put(some, new Reading(NOW, new TreeMap<>(metrics)));
                }
                long now = Files.size(dir.resolve("week.db"));
                assertTrue(turn == 0 || now <= size * 4 / 3, size + " then " + now);
                size = now;
            }
            int[] kept = {0};
            store.range(week, 0, 3L * week.steps() - 1, _ -> kept[0]++);
            assertEquals(week.steps(), kept[0]);
            assertTrue(size < SqliteStore.FILE_MAX / 3, "a full week takes " + size);
        }
    }

    /// A server that serves ever new names: minutes by the second, a week by ten minutes, then
    /// years by the day.
    @Test
    void aWeekAndYearsOfABusyServerStayInABoundedFile() throws IOException {
        Clockwork server = new Clockwork();
        server.run(600, 1);
        server.run(7 * 24 * 6, 600);
        long week = Files.size(file());
        server.run(4 * 365, 24 * 3_600);
        long years = Files.size(file());
        assertTrue(week < SqliteStore.FILE_MAX / 8, "a week takes " + week);
        assertTrue(years < SqliteStore.FILE_MAX / 3, "years take " + years);
        Instant end = NOW.plusSeconds(server.second);
        Series years3 = recording.history().series("ok", end, Duration.ofDays(3 * 365), 100);
        assertTrue(years3.values().stream().allMatch(it -> it != null && it > 0));
        reopen();
        assertEquals(new Metric.Counter(server.ok), recording.totals().get("ok"));
        assertTrue(years == Files.size(file()), "nothing is lost or added by a restart");
    }

    /// Time that goes by as it is told to.
    private final class Clockwork {
        private final Map<String, Metric> metrics = new TreeMap<>();
        private long second;
        private long ok;

        void run(int steps, int seconds) {
            for (int i = 0; i < steps; i++) {
                second += seconds;
                ok += 1 + i % 7;
                metrics.put("ok", new Metric.Counter(ok));
                for (int key = 0; key < 40; key++) {
                    metrics.put("level." + key, new Metric.Level((i * 31L + key) % 1_000));
                }
                for (int name = 0; name < 10; name++) {
                    String key = "ok.domain:d" + (i + name * 53) % 500 + ".example";
                    metrics.put(key, new Metric.Counter(ok));
                }
                recording.take(reading(second, metrics));
            }
        }
    }

    @Test
    @DisplayName("F-80: a file of another version is left as it is and said so")
    void anotherVersionIsNotTouched() throws IOException, SQLException {
        recording.close();
        change("PRAGMA user_version = 9");
        byte[] before = Files.readAllBytes(file());
        IOException e = assertThrows(IOException.class, this::open);
        assertTrue(String.valueOf(e.getMessage()).contains("version 9"), e.getMessage());
        assertArrayEquals(before, Files.readAllBytes(file()));
        Recording instead = Recording.open(true, file(), NOW);
        instead.take(reading(0, Map.of("ok", new Metric.Counter(1))));
        assertEquals(1, instead.history().gains(NOW, Duration.ofSeconds(1)).get("ok"));
    }

    @Test
    @DisplayName("F-71: a file of statistics that is none is put aside, and counting goes on")
    void aCorruptFileIsPutAside() throws IOException {
        recording.close();
        Files.writeString(
                file(), "this is no database, and long enough to be read as one".repeat(99));
        recording = open();
        assertTrue(Files.readString(dir.resolve("statistics.db.corrupt")).startsWith("this is"));
        count(0, 3, 0);
        reopen();
        assertEquals(Map.of("ok", new Metric.Counter(3)), recording.totals());
    }

    @Test
    @DisplayName("F-66: without room the statistics are not recorded, and are again when there is")
    void aFullFileIsFilledLater() throws IOException, SQLException {
        count(0, 1, 0);
        recording.close();
        try (SqliteStore store = SqliteStore.open(file(), NOW)) {
            store.limit(1);
            Map<String, Metric> many = new TreeMap<>();
            for (int i = 0; i < 2_000; i++) {
                many.put("key" + i, new Metric.Counter(i));
            }
            Reading reading = reading(1, many);
            assertThrows(IOException.class, () -> store.put(java.util.List.of(), reading));
            store.limit(SqliteStore.FILE_MAX);
            store.put(java.util.List.of(), reading);
        }
        recording = open();
        assertEquals(2_001, recording.totals().size());
    }

    @Test
    void namesThatNobodySawForMonthsAreForgottenAtTheNextStart() throws IOException {
        recording.take(
                reading(
                        0,
                        Map.of(
                                "ok", new Metric.Counter(1),
                                "ok.domain:example.org", new Metric.Counter(1))));
        recording.close();
        Instant later = NOW.plus(SqliteStore.NAME_KEPT).plusSeconds(1);
        recording = Recording.sqlite(file(), later);
        assertEquals(Map.of("ok", new Metric.Counter(1)), recording.totals());
    }

    private void change(String line) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(line);
        }
    }
}
