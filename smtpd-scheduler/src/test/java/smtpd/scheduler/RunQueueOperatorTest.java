package smtpd.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static smtpd.scheduler.Mail.T0;
import static smtpd.scheduler.Mail.id;
import static smtpd.scheduler.Mail.mta;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.imsg.SchedulePhase;
import smtpd.core.imsg.ScheduleState;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.imsg.SchedulerToQueue.Expire;
import smtpd.core.imsg.SchedulerToQueue.Remove;
import smtpd.core.imsg.Selection;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What the operator does to a run queue.
class RunQueueOperatorTest extends RunQueueFixture {

    @Test
    void aDestinationIsScheduled() {
        commit(T0, mta(1, 1, "a"), mta(1, 2, "b"), mta(2, 1, "a"));
        queue.work(T0);
        queue.deferred(id(1, 1), T0, T0);
        queue.deferred(id(1, 2), T0, T0);
        queue.deferred(id(2, 1), T0, T0);
        assertEquals(2, schedule("a", after(1)));
        assertEquals(0, schedule("c", after(1)));
        assertEquals(
                List.of(deliver(DeliveryType.MTA, id(1, 1)), deliver(DeliveryType.MTA, id(2, 1))),
                queue.work(after(1)));
    }

    @Test
    void scheduleMakesPendingAndHeldEnvelopesDue() {
        hold(1, 1, 7);
        commit(T0, mta(2, 1, "a"));
        queue.work(T0);
        queue.deferred(id(2, 1), T0, T0);
        assertEquals(2, schedule(ALL, after(2)));
        assertEquals(2, queue.work(after(2)).size());
        assertEquals(0, queue.census().held());
        assertEquals(0, schedule(ALL, after(2)), "in flight");
    }

    @Test
    void scheduleLeavesSuspendedEnvelopesAlone() {
        commit(T0, mta(1, 1, "a").suspended());
        assertEquals(0, schedule(only(id(1, 1)), T0));
        idle(T0);
    }

    @Test
    void scheduleOfAMessageReachesItsEnvelopesOnly() {
        commit(T0, mta(1, 1, "a"), mta(1, 2, "b"), mta(2, 1, "a"));
        queue.work(T0);
        for (EvpId id : List.of(id(1, 1), id(1, 2), id(2, 1))) {
            queue.deferred(id, T0, T0);
        }
        assertEquals(2, schedule(message(1), T0));
        assertEquals(1, schedule(only(id(2, 1)), T0));
        assertEquals(0, schedule(only(id(9, 1)), T0));
        assertEquals(0, schedule(message(9), T0));
    }

    @Test
    void removeOfAWaitingEnvelopeIsHandedOutOnce() {
        commit(T0, mta(1, 1, "a"), mta(1, 2, "a"));
        assertEquals(1, remove(only(id(1, 1)), T0));
        assertEquals(0, remove(only(id(1, 1)), T0));
        assertEquals(
                List.of(new Remove(List.of(id(1, 1))), deliver(DeliveryType.MTA, id(1, 2))),
                queue.work(T0));
        assertEquals(0, remove(only(id(1, 1)), T0));
        queue.delivered(id(1, 1));
        assertEquals(1, queue.census().envelopes());
    }

    @Test
    void removeTakesHeldAndSuspendedEnvelopes() {
        hold(1, 1, 7);
        commit(T0, mta(2, 1, "a").suspended());
        assertEquals(2, remove(ALL, T0));
        assertEquals(0, queue.census().held());
        assertEquals(2, ((Remove) queue.work(T0).getFirst()).envelopes().size());
    }

    @Test
    @DisplayName("F-94 remove of an envelope in flight takes effect when its attempt has failed")
    void removeOfAnInflightEnvelopeWaitsForItsAttempt() {
        commit(DeliveryType.MTA, 1, 3, "a");
        queue.work(T0);
        assertEquals(3, remove(ALL, T0));
        idle(T0);
        queue.deferred(id(1, 1), after(1), after(1));
        queue.returned(id(1, 2), after(1));
        queue.hold(id(1, 3), 7, after(1));
        assertEquals(
                List.of(new Remove(List.of(id(1, 1), id(1, 2), id(1, 3)))), queue.work(after(1)));
        assertEquals(0, queue.census().inflight());
        assertEquals(0, queue.census().held());
    }

    @Test
    @DisplayName("F-94 remove of an envelope in flight that gets delivered has nothing to do")
    void removeOfAnInflightEnvelopeThatIsDelivered() {
        commit(T0, mta(1, 1, "a"));
        queue.work(T0);
        assertEquals(1, remove(ALL, T0));
        queue.delivered(id(1, 1));
        idle(after(1));
        assertEquals(0, queue.census().envelopes());
    }

    @Test
    @DisplayName("F-94 suspend of an envelope in flight takes effect when its attempt has failed")
    void suspendOfAnInflightEnvelopeWaitsForItsAttempt() {
        commit(T0, mta(1, 1, "a"));
        queue.work(T0);
        assertEquals(1, suspend(ALL, true, T0).length);
        assertEquals(
                new ScheduleState(id(1, 1), SchedulePhase.INFLIGHT, true, T0, Instant.EPOCH),
                state(id(1, 1)));
        queue.deferred(id(1, 1), after(1), after(1));
        idle(after(400));
        assertEquals(1, suspend(ALL, false, after(500)).length);
        assertEquals(1, queue.work(after(500)).size());
    }

    @Test
    void suspendedEnvelopeIsNotHandedOutUntilResumed() {
        commit(T0, mta(1, 1, "a"), mta(1, 2, "a"));
        assertEquals(1, suspend(only(id(1, 1)), true, T0).length);
        assertEquals(0, suspend(only(id(1, 1)), true, T0).length);
        assertEquals(List.of(deliver(DeliveryType.MTA, id(1, 2))), queue.work(T0));
        assertEquals(1, suspend(message(1), false, T0).length);
        assertEquals(List.of(deliver(DeliveryType.MTA, id(1, 1))), queue.work(T0));
    }

    @Test
    void removalsUnderWayAreBounded() {
        int most =
                backend() == Backends.TINY
                        ? Backends.TINY_CAPACITY.ending()
                        : RamRunQueue.LEAVING_MAX;
        int count = most + 10;
        commit(DeliveryType.MTA, 1, count, "a");
        assertEquals(count, remove(ALL, T0));
        assertEquals(most, removals());
        idle(T0);
        for (int low = 1; low <= 3; low++) {
            queue.delivered(id(1, low));
        }
        assertEquals(3, removals());
    }

    private int removals() {
        int count = 0;
        for (int turn = 0; turn < 10; turn++) {
            for (SchedulerToQueue batch : queue.work(T0)) {
                count += ((Remove) batch).envelopes().size();
            }
        }
        return count;
    }

    @Test
    void removedEnvelopeDoesNotExpireInstead() {
        commit(T0, mta(1, 1, "a").ttl(Duration.ofSeconds(5)).suspended(), mta(2, 1, "a"));
        pause(DeliveryType.MTA, true, T0);
        remove(message(1), after(6));
        assertEquals(List.of(new Remove(List.of(id(1, 1)))), queue.work(after(6)));
    }

    @Test
    void pausedTypeIsNotHandedOut() {
        assertTrue(pause(DeliveryType.MTA, true, T0));
        assertFalse(pause(DeliveryType.MTA, true, T0));
        commit(T0, mta(1, 1, "a"), Mail.of(DeliveryType.MDA, 1, 2, "a"));
        assertEquals(List.of(deliver(DeliveryType.MDA, id(1, 2))), queue.work(T0));
        assertTrue(pause(DeliveryType.MTA, false, T0));
        assertFalse(pause(DeliveryType.MTA, false, T0));
        assertEquals(List.of(deliver(DeliveryType.MTA, id(1, 1))), queue.work(T0));
    }

    @Test
    @DisplayName("F-89: what is paused does not expire, and is tried before it does")
    void whatIsPausedIsTriedBeforeItExpires() {
        pause(DeliveryType.MTA, true, T0);
        commit(T0, mta(1, 1, "a").ttl(Duration.ofHours(1)));
        for (int hour = 1; hour < 100; hour++) {
            idle(T0.plus(Duration.ofHours(hour)));
        }
        Instant back = T0.plus(Duration.ofHours(100));
        pause(DeliveryType.MTA, false, back);
        assertEquals(List.of(deliver(DeliveryType.MTA, id(1, 1))), queue.work(back));
        queue.deferred(id(1, 1), back, back);
        assertEquals(List.of(new Expire(List.of(id(1, 1)))), queue.work(back));
    }

    @Test
    @DisplayName("F-89: the operator gives mail more time, whatever it is doing")
    void extendedMailExpiresLater() {
        Duration hour = Duration.ofHours(1);
        commit(T0, mta(1, 1, "a").ttl(hour), mta(1, 2, "b").ttl(hour), mta(1, 3, "c").ttl(hour));
        queue.work(T0);
        queue.deferred(id(1, 1), T0, T0);
        assertEquals(
                2,
                extend(new Selection(id(1, 1).value()), "", hour, T0).length
                        + extend(new Selection(0), "b", hour, T0).length);
        queue.deferred(id(1, 2), T0, T0);
        queue.deferred(id(1, 3), T0, T0);
        assertEquals(List.of(id(1, 3)), expired(T0.plus(hour)));
        assertEquals(List.of(), expired(T0.plus(hour).plus(hour).minusSeconds(1)));
        assertEquals(List.of(id(1, 1), id(1, 2)), expired(T0.plus(hour).plus(hour)));
        assertEquals(0, extend(new Selection(0), "", hour, T0).length);
    }

    /// What expires at a time; what is handed out meanwhile is put off.
    private List<EvpId> expired(Instant now) {
        List<EvpId> expired = new ArrayList<>();
        for (SchedulerToQueue work : queue.work(now)) {
            switch (work) {
                case Expire it -> expired.addAll(it.envelopes());
                case SchedulerToQueue.Deliver it ->
                        it.envelopes().forEach(id -> queue.deferred(id, now, now));
                case SchedulerToQueue other -> throw new AssertionError(other.toString());
            }
        }
        return expired;
    }

    @Test
    @DisplayName("F-89: suspended mail expires, also while its type is paused")
    void suspendedMailExpiresThoughItsTypeIsPaused() {
        pause(DeliveryType.MTA, true, T0);
        commit(T0, mta(1, 1, "a").ttl(Duration.ofHours(1)).suspended());
        assertEquals(
                List.of(new Expire(List.of(id(1, 1)))), queue.work(T0.plus(Duration.ofHours(2))));
    }

    @Test
    void clearForgetsEverythingButWhatIsPaused() {
        hold(1, 2, 7);
        pause(DeliveryType.MTA, true, T0);
        queue.submit(mta(2, 1, "a").entry());
        queue.clear();
        assertEquals(new Census(0, 0, 0, 0, 0, 0, 0), queue.census());
        assertTrue(queue.wake().isEmpty());
        assertEquals(0, queue.commit(new MsgId(2), T0));
        assertFalse(pause(DeliveryType.MTA, true, T0));
    }
}
