package smtpd.core.stat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import smtpd.core.imsg.StatKind;
import smtpd.core.imsg.StatUpdate;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

class PushedStatisticsTest {
    private final PushedStatistics statistics = new PushedStatistics();

    private List<StatUpdate> drained() {
        return statistics.drain().updates();
    }

    @Test
    void additionsToOneKeyMerge() {
        statistics.increment("a");
        statistics.add("a", 5);
        statistics.decrement("b");
        statistics.increment("a");
        assertEquals(
                List.of(
                        new StatUpdate("a", StatKind.INCREMENT, 7, 0),
                        new StatUpdate("b", StatKind.DECREMENT, 1, 0)),
                drained());
    }

    @Test
    void nothingIsTwiceTold() {
        statistics.increment("a");
        statistics.set("b", 1);
        statistics.ratio("c", 1, 2);
        assertEquals(3, drained().size());
        assertEquals(List.of(), drained());
    }

    @Test
    void settingForgetsWhatWasAddedBeforeAndKeepsWhatComesAfter() {
        statistics.add("a", 100);
        statistics.set("a", 3);
        statistics.add("a", 2);
        assertEquals(
                List.of(
                        new StatUpdate("a", StatKind.SET, 3, 0),
                        new StatUpdate("a", StatKind.INCREMENT, 2, 0)),
                drained());
    }

    @Test
    void observationsAreKeptOneByOneUpToABound() {
        int most = PushedStatistics.PENDING_MAX;
        for (int i = 0; i < most + 7; i++) {
            statistics.observe("a", i);
        }
        List<StatUpdate> updates = drained();
        assertEquals(most + 1, updates.size());
        assertEquals(new StatUpdate("stat.dropped", StatKind.INCREMENT, 7, 0), updates.getFirst());
    }

    @Test
    void levelsAreToldAgainAndTotalsAreNot() {
        statistics.add("session", 5);
        statistics.decrement("session");
        statistics.set("queued", 9);
        statistics.add("ok", 7);
        statistics.drain();
        statistics.decrement("session");
        assertEquals(
                List.of(
                        new StatUpdate("session", StatKind.SET, 3, 0),
                        new StatUpdate("queued", StatKind.SET, 9, 0)),
                statistics.drainWithLevels().updates());
        assertEquals(List.of(), drained());
    }

    @Test
    void theLatestTimeCounts() {
        statistics.stamp("last", Instant.ofEpochSecond(50));
        statistics.stamp("last", Instant.ofEpochSecond(40));
        assertEquals(List.of(new StatUpdate("last", StatKind.STAMP, 50, 0)), drained());
    }

    @Test
    void namesAreFoldedAndBounded() {
        statistics.increment("ok.domain", "Example.ORG");
        statistics.increment("ok.domain", "x".repeat(500));
        statistics.increment("ok.domain", "");
        assertEquals(
                List.of(
                        new StatUpdate("ok.domain:example.org", StatKind.INCREMENT, 1, 0),
                        new StatUpdate("ok.domain:other", StatKind.INCREMENT, 2, 0)),
                drained());
        for (int i = 0; i < PushedStatistics.NAMES_MAX + 5; i++) {
            statistics.increment("ok.domain", "d" + i);
        }
        List<StatUpdate> updates = drained();
        assertEquals(PushedStatistics.NAMES_MAX + 1, updates.size());
        assertEquals(
                new StatUpdate("ok.domain:other", StatKind.INCREMENT, 5, 0), updates.getLast());
    }

    @Test
    void manyThreadsLoseNothing() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            threads.add(
                    Thread.startVirtualThread(() -> {
                        for (int n = 0; n < 1000; n++) {
                            statistics.increment("a");
                        }
                    }));
        }
        Map<String, Long> sums = new LinkedHashMap<>();
        for (Thread thread : threads) {
            drained().forEach(it -> sums.merge(it.key(), it.value(), Long::sum));
            thread.join();
        }
        drained().forEach(it -> sums.merge(it.key(), it.value(), Long::sum));
        assertEquals(Map.of("a", 8000L), sums);
        assertTrue(drained().isEmpty());
    }
}
