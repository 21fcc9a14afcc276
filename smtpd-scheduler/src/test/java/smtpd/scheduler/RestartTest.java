package smtpd.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static smtpd.scheduler.Mail.T0;
import static smtpd.scheduler.Mail.id;
import static smtpd.scheduler.Mail.mta;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.conf.Limits;
import smtpd.core.imsg.ScheduleEntry;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.imsg.SchedulerToQueue.Deliver;
import smtpd.core.imsg.SchedulerToQueue.Expire;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/// What is found in the queue at the start.
class RestartTest extends RunQueueFixture {
    @Override
    @BeforeEach
    void loaded() {
        make(Limits.Scheduler.DEFAULT);
    }

    private void load(Instant now, Mail... mails) {
        for (Mail mail : mails) {
            queue.submit(mail.entry());
            queue.commit(mail.entry().id().msgid(), now);
        }
    }

    private Instant due(int msgid, int low) {
        return queue.states(List.of(id(msgid, low))).getFirst().since();
    }

    @Test
    void mailAcceptedJustBeforeTheStartIsDueNow() {
        load(T0, mta(1, 1, "a").created(T0.minusSeconds(60)));
        assertEquals(1, queue.work(T0).size());
    }

    @Test
    void mailAcceptedDuringTheLoadIsDueNow() {
        load(T0, mta(1, 1, "a").tried(T0.minusSeconds(90_000), 9, T0.minusSeconds(9_000)));
        load(T0, mta(2, 1, "a"));
        assertEquals(List.of(new Deliver(DeliveryType.MTA, List.of(id(2, 1)))), queue.work(T0));
    }

    @Test
    void futureAttemptsKeepTheirSchedule() {
        load(T0, mta(1, 1, "a").tried(T0.minusSeconds(1000), 1, T0.minusSeconds(550)));
        assertEquals(T0.plusSeconds(600), due(1, 1));
        assertEquals(0, queue.overdue());
    }

    @Test
    void overdueAttemptsAreSpreadEvenly() {
        int count = 5000;
        for (int msgid = 1; msgid <= count; msgid++) {
            load(T0, mta(msgid, 1, "a").tried(T0.minusSeconds(9000), 1, T0.minusSeconds(8600)));
        }
        int[] perSecond = new int[6];
        for (int msgid = 1; msgid <= count; msgid++) {
            perSecond[(int) Duration.between(T0, due(msgid, 1)).toSeconds()]++;
        }
        for (int second = 0; second < 5; second++) {
            assertEquals(Arrivals.SPREAD_BLOCK, perSecond[second]);
        }
        assertEquals(count, queue.overdue());
    }

    @Test
    @DisplayName("F-73 what is not due yet does not keep overdue mail waiting")
    void onlyOverdueMailIsSpread() {
        Arrivals arrivals = new Arrivals(Limits.Retry.DEFAULT, new Random(3));
        ScheduleEntry later = mta(1, 1, "a").tried(T0.minusSeconds(9000), 1, T0).entry();
        for (int i = 0; i < 10 * Arrivals.SPREAD_BLOCK; i++) {
            long spread = arrivals.spread(new MsgId(i + 1));
            assertTrue(spread < Arrivals.SPREAD_BLOCK_MILLIS);
            long now = T0.toEpochMilli();
            assertTrue(arrivals.due(later, later.created().toEpochMilli(), now, spread) > now);
        }
    }

    @Test
    void spreadIsBounded() {
        Arrivals arrivals = new Arrivals(Limits.Retry.DEFAULT, new Random(3));
        ScheduleEntry late =
                mta(1, 1, "a").tried(T0.minusSeconds(9000), 1, T0.minusSeconds(8600)).entry();
        long now = T0.toEpochMilli();
        long most = 0;
        for (int i = 0; i < 2_000_000; i++) {
            long spread = arrivals.spread(new MsgId(i + 1));
            most = Math.max(most, spread);
            arrivals.due(late, late.created().toEpochMilli(), now, spread);
        }
        assertTrue(most < Arrivals.SPREAD_MAX_MILLIS);
        assertTrue(most > Arrivals.SPREAD_MAX_MILLIS - 2 * Arrivals.SPREAD_BLOCK_MILLIS);
    }

    @Test
    void overdueRecipientsOfAMessageStayTogether() {
        for (int low = 1; low <= 300; low++) {
            queue.submit(
                    mta(1, low, "a")
                            .tried(T0.minusSeconds(9000), 1, T0.minusSeconds(8600 - low))
                            .entry());
        }
        queue.commit(id(1, 1).msgid(), T0);
        load(T0, mta(1, 301, "a").tried(T0.minusSeconds(9000), 1, T0.minusSeconds(8600)));
        List<SchedulerToQueue> work = queue.work(queue.wake().orElseThrow());
        assertEquals(301, ((Deliver) work.getFirst()).envelopes().size());
    }

    @Test
    @DisplayName(
            "F-75 F-89 after an outage longer than the ttl each envelope is tried before it"
                    + " expires")
    void nothingPastItsTtlExpiresUntried() {
        int count = 200;
        Instant back = T0.plus(Duration.ofDays(5));
        for (int msgid = 1; msgid <= count; msgid++) {
            load(back, mta(msgid, 1, "a").tried(T0, 3, T0.plusSeconds(3600)));
        }
        queue.loaded();
        assertEquals(count, queue.stale());
        Instant later = back.plusSeconds(2);
        Set<EvpId> tried = new HashSet<>();
        Set<EvpId> expired = new HashSet<>();
        List<SchedulerToQueue> work = queue.work(later);
        while (!work.isEmpty()) {
            for (SchedulerToQueue batch : work) {
                switch (batch) {
                    case Deliver it -> {
                        tried.addAll(it.envelopes());
                        it.envelopes().forEach(id -> queue.deferred(id, later, later));
                    }
                    case Expire it -> {
                        assertTrue(tried.containsAll(it.envelopes()), "untried");
                        it.envelopes().forEach(queue::delivered);
                        expired.addAll(it.envelopes());
                    }
                    case SchedulerToQueue other -> throw new AssertionError(other.toString());
                }
            }
            work = queue.work(later);
        }
        assertEquals(count, expired.size(), "its time is over");
        assertEquals(0, queue.census().envelopes());
    }

    @Test
    @DisplayName("F-75 what cannot be tried after the start expires when the grace is over")
    void graceIsBounded() {
        Instant back = T0.plus(Duration.ofDays(5));
        load(back, mta(1, 1, "a").tried(T0, 3, T0.plusSeconds(3600)).suspended());
        assertEquals(List.of(), queue.work(back.plus(Duration.ofHours(23))));
        assertEquals(
                List.of(new Expire(List.of(id(1, 1)))), queue.work(back.plus(Duration.ofDays(1))));
    }

    @Test
    @DisplayName("F-75 a clock that went back a day keeps no mail waiting for that day")
    void creationInTheFutureIsNow() {
        Instant ahead = T0.plus(Duration.ofDays(1));
        load(T0, mta(1, 1, "a").created(ahead), mta(2, 1, "a").tried(ahead, 2, ahead));
        assertEquals(1, queue.work(T0).size());
        assertEquals(T0.plusSeconds(400), due(2, 1));
    }

    @Test
    @DisplayName("F-75 new mail stamped by a clock a year behind is new and stays its whole ttl")
    void newMailIsNewWhateverItsClock() {
        queue.loaded();
        load(T0, mta(1, 1, "a").created(T0.minus(Duration.ofDays(365))));
        assertEquals(1, queue.work(T0).size());
        queue.deferred(id(1, 1), T0.plusSeconds(1), T0.plusSeconds(1));
        assertEquals(T0.plusSeconds(400), queue.wake().orElseThrow());
    }

    @Test
    void deferredMailHandedBackAfterTheLoadKeepsItsSchedule() {
        queue.loaded();
        load(T0, mta(1, 1, "a").tried(T0.minusSeconds(1000), 1, T0.minusSeconds(550)));
        assertEquals(T0.plusSeconds(600), due(1, 1));
    }

    @Test
    void secondLoadIsALoad() {
        queue.loaded();
        queue.clear();
        load(T0, mta(1, 1, "a").created(T0.minus(Duration.ofDays(5))));
        assertEquals(1, queue.stale());
    }
}
