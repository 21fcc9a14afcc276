package smtpd.control.stat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What every backend that keeps a history does.
abstract class RecordingContract {
    static final Instant NOW = Instant.ofEpochSecond(1_800_000_000L);

    Recording recording;

    /// Opens the backend, again if it was open before.
    abstract Recording open() throws IOException;

    @BeforeEach
    void begin() throws IOException {
        recording = open();
    }

    @AfterEach
    void end() {
        recording.close();
    }

    static Reading reading(long second, Map<String, Metric> metrics) {
        return new Reading(NOW.plusSeconds(second), new TreeMap<>(metrics));
    }

    void count(long second, long ok, long session) {
        recording.take(
                reading(
                        second,
                        Map.of(
                                "ok", new Metric.Counter(ok),
                                "session", new Metric.Level(session))));
    }

    private Series series(String key, long second, int length, int columns) throws IOException {
        return recording
                .history()
                .series(key, NOW.plusSeconds(second), Duration.ofSeconds(length), columns);
    }

    @Test
    void totalsShowWhatWasAddedAndLevelsHowTheyStood() throws IOException {
        count(0, 5, 1);
        count(1, 5, 4);
        count(2, 9, 2);
        assertEquals(List.of(5L, 0L, 4L), series("ok", 2, 3, 10).values());
        assertEquals(List.of(1L, 4L, 2L), series("session", 2, 3, 10).values());
        assertTrue(series("session", 2, 3, 10).isLevel());
        assertFalse(series("ok", 2, 3, 10).isLevel());
    }

    @Test
    void whatIsNotKnownIsNotZero() throws IOException {
        count(0, 5, 0);
        count(3, 6, 0);
        assertEquals(Arrays.asList(null, 5L, null, null, 1L), series("ok", 3, 5, 10).values());
        assertEquals(List.of(0L), series("nothing", 3, 1, 1).values());
    }

    @Test
    void columnsHoldSumsOfTotalsAndTheHighestOfLevels() throws IOException {
        for (int second = 0; second < 60; second++) {
            count(second, second + 1, second % 10);
        }
        Series ok = series("ok", 59, 60, 6);
        assertEquals(List.of(10L, 10L, 10L, 10L, 10L, 10L), ok.values());
        assertEquals(10, ok.width());
        assertEquals(List.of(9L, 9L, 9L, 9L, 9L, 9L), series("session", 59, 60, 6).values());
    }

    @Test
    void minutesOutliveSeconds() throws IOException {
        for (int second = 0; second < 600; second++) {
            count(second, second + 1, 3);
        }
        count(7_200, 600, 0);
        Series ok = series("ok", 7_200, 3 * 3600, 180);
        assertEquals(600, ok.sum());
        assertEquals(60, ok.width());
        assertEquals(0, series("ok", 7_200, 60, 60).sum());
        assertNull(series("ok", 7_200, 60, 60).values().getFirst());
    }

    @Test
    void gainsAreThoseOfTheTimeAskedFor() throws IOException {
        count(0, 100, 0);
        count(10, 107, 0);
        count(20, 108, 0);
        Map<String, Long> gains =
                recording.history().gains(NOW.plusSeconds(20), Duration.ofSeconds(15));
        assertEquals(Map.of("ok", 8L), gains);
    }

    @Test
    void namesOfTheWorldMakeRoomForOurOwnKeys() throws IOException {
        Map<String, Metric> metrics = new TreeMap<>();
        for (int i = 0; i < 1_000; i++) {
            metrics.put("a.domain:d" + i, new Metric.Counter(7));
        }
        metrics.put("z.ok", new Metric.Counter(5));
        recording.take(reading(0, metrics));
        Map<String, Long> gains = recording.history().gains(NOW, Duration.ofSeconds(5));
        assertEquals(Sample.NUMBERS_MAX, gains.size());
        assertEquals(5L, gains.get("z.ok"));
    }
}
