package smtpd.control.stat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.imsg.StatKind;
import smtpd.core.imsg.StatUpdate;
import smtpd.core.imsg.Stats;
import smtpd.core.proc.Role;

import java.util.List;

class StatStoreTest {
    private final StatStore store = new StatStore();

    private void update(Role from, String key, StatKind kind, long value) {
        store.apply(from, new Stats(List.of(new StatUpdate(key, kind, value, 10))));
    }

    @Test
    void linesAreSortedByKey() {
        update(Role.SMTP, "smtp.session", StatKind.INCREMENT, 3);
        update(Role.QUEUE, "queue.bounce", StatKind.INCREMENT, 1);
        update(Role.SMTP, "smtp.session", StatKind.DECREMENT, 1);
        assertEquals(List.of("queue.bounce=1", "smtp.session=2"), store.lines());
    }

    @Test
    void observationsRatiosAndTimesShowWhatTheyAre() {
        update(Role.MTA, "mta.connect", StatKind.OBSERVE, 40);
        update(Role.MTA, "mta.connect", StatKind.OBSERVE, 2);
        update(Role.LKA, "lka.cache", StatKind.RATIO, 9);
        update(Role.QUEUE, "delivery.last", StatKind.STAMP, 1_000);
        update(Role.QUEUE, "delivery.last", StatKind.STAMP, 900);
        assertEquals(
                List.of(
                        "delivery.last=1000",
                        "lka.cache.part=9",
                        "lka.cache.whole=10",
                        "mta.connect.count=2",
                        "mta.connect.max=40",
                        "mta.connect.p50=2",
                        "mta.connect.p90=40",
                        "mta.connect.p99=40",
                        "mta.connect.sum=42"),
                store.lines());
    }

    @Test
    void namesOfAFamilyAreBoundedAndTheRestIsItsOther() {
        for (int i = 0; i < StatStore.NAMES_MAX + 20; i++) {
            update(Role.QUEUE, "ok.domain:d" + i, StatKind.INCREMENT, 3);
        }
        update(Role.QUEUE, "ok.domain:d0", StatKind.INCREMENT, 1);
        update(Role.QUEUE, "bad.domain:d0", StatKind.INCREMENT, 1);
        assertEquals(StatStore.NAMES_MAX + 2, store.lines().size());
        assertTrue(store.lines().contains("ok.domain:other=60"));
        assertTrue(store.lines().contains("ok.domain:d0=4"));
        assertTrue(store.lines().contains("bad.domain:d0=1"));
    }

    @Test
    void anUpdateThatDoesNotFitItsKeyChangesNothing() {
        update(Role.QUEUE, "ok", StatKind.INCREMENT, 3);
        update(Role.QUEUE, "ok", StatKind.OBSERVE, 3);
        assertEquals(List.of("ok=3", "stat.unfit=1"), store.lines());
    }

    @Test
    void totalsAreRestoredAndAddedTo() {
        update(Role.QUEUE, "ok", StatKind.INCREMENT, 3);
        update(Role.QUEUE, "took", StatKind.OBSERVE, 100);
        StatStore next = new StatStore();
        next.restore(store.reading(java.time.Instant.EPOCH).metrics());
        next.apply(
                Role.QUEUE,
                new Stats(
                        List.of(
                                new StatUpdate("ok", StatKind.INCREMENT, 4, 0),
                                new StatUpdate("took", StatKind.OBSERVE, 300, 0))));
        assertTrue(next.lines().contains("ok=7"));
        assertTrue(next.lines().contains("took.count=2"));
        assertTrue(next.lines().contains("took.sum=400"));
    }

    @Test
    void levelsOfADeadProcessAreTakenBackAndTotalsStay() {
        update(Role.SMTP, "smtp.session", StatKind.INCREMENT, 3);
        update(Role.SMTP, "smtp.session", StatKind.DECREMENT, 1);
        update(Role.SMTP, "smtp.auth.accepted", StatKind.INCREMENT, 3);
        update(Role.SCHEDULER, "scheduler.envelope", StatKind.SET, 8);
        store.lost(Role.SMTP);
        store.lost(Role.SCHEDULER);
        assertEquals(
                List.of("scheduler.envelope=0", "smtp.auth.accepted=3", "smtp.session=0"),
                store.lines());
    }

    @Test
    void twoProcessesMaySetOneKey() {
        update(Role.MTA, "sessions", StatKind.SET, 2);
        update(Role.MDA, "sessions", StatKind.SET, 3);
        update(Role.MTA, "sessions", StatKind.SET, 4);
        assertEquals(List.of("sessions=7"), store.lines());
    }

    @Test
    void keysAreBoundedAndTheRestIsCountedTogether() {
        for (int i = 0; i < StatStore.KEYS_MAX + 50; i++) {
            update(Role.MTA, "mta.route." + i, StatKind.INCREMENT, 7);
            update(Role.MTA, "mta.level." + i, StatKind.SET, 7);
        }
        assertEquals(StatStore.KEYS_MAX + 1, store.lines().size());
        assertTrue(store.lines().contains("other=" + (StatStore.KEYS_MAX + 100)));
    }

    @Test
    @DisplayName("F-84: a key cannot forge a line or another key")
    void keysAreCleaned() {
        update(Role.MTA, "mta.evil=1\nmta.other", StatKind.INCREMENT, 1);
        assertEquals(List.of("mta.evil_1_mta.other=1"), store.lines());
    }

    @Test
    void nothingIsShownBelowZero() {
        update(Role.SMTP, "smtp.session", StatKind.DECREMENT, 1);
        assertEquals(List.of("smtp.session=0"), store.lines());
    }
}
