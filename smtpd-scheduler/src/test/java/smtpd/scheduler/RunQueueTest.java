package smtpd.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static smtpd.scheduler.Mail.T0;
import static smtpd.scheduler.Mail.id;
import static smtpd.scheduler.Mail.mta;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.conf.Limits;
import smtpd.core.imsg.SchedulePhase;
import smtpd.core.imsg.ScheduleState;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.imsg.SchedulerToQueue.Deliver;
import smtpd.core.imsg.SchedulerToQueue.Expire;
import smtpd.core.imsg.SchedulerToQueue.Remove;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.MsgId;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

class RunQueueTest extends RunQueueFixture {
    // changesets

    @Test
    void nothingIsVisibleBeforeTheCommit() {
        queue.submit(mta(1, 1, "a").entry());
        idle(T0);
        assertTrue(queue.wake().isEmpty());
        assertEquals(List.of(), queue.states(List.of(id(1, 1))));
        assertEquals(0, remove(ALL, T0));
        assertEquals(1, queue.census().incoming());
    }

    @Test
    void commitMakesAllRecipientsVisibleAtOnce() {
        commit(
                T0,
                Mail.of(DeliveryType.MDA, 1, 1, "a"),
                Mail.of(DeliveryType.MDA, 1, 2, "b"),
                Mail.of(DeliveryType.MDA, 1, 3, "a"));
        assertEquals(
                List.of(
                        deliver(DeliveryType.MDA, id(1, 1), id(1, 3)),
                        deliver(DeliveryType.MDA, id(1, 2))),
                queue.work(T0));
        assertEquals(0, queue.census().incoming());
    }

    @Test
    void remoteRecipientsOfAMessageAreHandedOutTogetherWhereverTheyAre() {
        commit(T0, mta(1, 1, "a"), mta(2, 1, "x"), mta(1, 2, "b"), mta(1, 3, "a"));
        assertEquals(
                List.of(
                        deliver(DeliveryType.MTA, id(1, 1), id(1, 2), id(1, 3)),
                        deliver(DeliveryType.MTA, id(2, 1))),
                queue.work(T0));
    }

    @Test
    void rollbackDropsTheChangesetAndNothingElse() {
        commit(T0, mta(1, 1, "a"));
        queue.submit(mta(1, 2, "a").entry());
        queue.submit(mta(2, 1, "a").entry());
        assertEquals(1, queue.rollback(new MsgId(1)));
        assertEquals(0, queue.commit(new MsgId(1), T0));
        assertEquals(List.of(deliver(DeliveryType.MTA, id(1, 1))), queue.work(T0));
        assertEquals(1, queue.commit(new MsgId(2), T0));
    }

    @Test
    void laterChangesetJoinsItsMessage() {
        commit(T0, mta(1, 1, "a"));
        commit(T0, mta(1, 2, "a"));
        assertEquals(List.of(deliver(DeliveryType.MTA, id(1, 1), id(1, 2))), queue.work(T0));
        assertEquals(1, queue.census().messages());
    }

    @Test
    @DisplayName("F-71 an envelope submitted twice is known once and stays as it is")
    void secondSubmitOfAnEnvelopeIsIgnored() {
        commit(T0, mta(1, 1, "a"));
        queue.work(T0);
        commit(T0, mta(1, 1, "b"), mta(1, 2, "b"), mta(1, 2, "b"));
        assertEquals(List.of(deliver(DeliveryType.MTA, id(1, 2))), queue.work(T0));
        assertEquals(2, queue.census().envelopes());
        assertEquals(SchedulePhase.INFLIGHT, state(id(1, 1)).phase());
    }

    // batches and rounds

    @Test
    void messageToAThousandRecipientsOfADomainIsOneBatch() {
        commit(DeliveryType.MTA, 1, 1000, "example.org");
        List<SchedulerToQueue> work = queue.work(T0);
        assertEquals(1, work.size());
        assertEquals(1000, ((Deliver) work.getFirst()).envelopes().size());
        assertEquals(1000, queue.census().inflight());
    }

    @Test
    void largerBatchesAreCut() {
        limit(10_000, 10);
        commit(DeliveryType.MTA, 1, 2500, "example.org");
        assertEquals(List.of(1000, 1000, 500), sizes(queue.work(T0)));
    }

    static List<Integer> sizes(List<SchedulerToQueue> work) {
        return work.stream().map(batch -> ((Deliver) batch).envelopes().size()).toList();
    }

    @Test
    void sameDestinationOfAnotherTypeIsAnotherBatch() {
        commit(T0, Mail.of(DeliveryType.MDA, 1, 1, "x"), Mail.of(DeliveryType.MTA, 1, 2, "x"));
        assertEquals(
                List.of(deliver(DeliveryType.MDA, id(1, 1)), deliver(DeliveryType.MTA, id(1, 2))),
                queue.work(T0));
    }

    @Test
    void roundsGoRemovedExpiredBounceMdaMta() {
        limit(5000, 10);
        for (int msgid = 1; msgid <= 2; msgid++) {
            commit(DeliveryType.MTA, 10 + msgid, 1, "a");
            commit(DeliveryType.MDA, 20 + msgid, 1, "a");
            commit(DeliveryType.BOUNCE, 30 + msgid, 1, "a");
        }
        commit(T0, mta(40, 1, "a").ttl(Duration.ofSeconds(5)).suspended());
        commit(T0, mta(50, 1, "a").suspended());
        remove(message(50), T0);
        assertEquals(
                List.of(
                        new Remove(List.of(id(50, 1))),
                        new Expire(List.of(id(40, 1))),
                        deliver(DeliveryType.BOUNCE, id(31, 1)),
                        deliver(DeliveryType.MDA, id(21, 1)),
                        deliver(DeliveryType.MTA, id(11, 1)),
                        deliver(DeliveryType.BOUNCE, id(32, 1)),
                        deliver(DeliveryType.MDA, id(22, 1)),
                        deliver(DeliveryType.MTA, id(12, 1))),
                queue.work(after(5)));
    }

    @Test
    void shortTurnsStarveNoKind() {
        limit(5000, 1);
        for (int msgid = 1; msgid <= 3; msgid++) {
            commit(DeliveryType.MDA, 10 + msgid, 1, "a");
            commit(DeliveryType.MTA, 20 + msgid, 1, "a");
        }
        List<DeliveryType> types = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            types.add(((Deliver) queue.work(T0).getFirst()).type());
        }
        assertEquals(
                List.of(
                        DeliveryType.MDA,
                        DeliveryType.MTA,
                        DeliveryType.MDA,
                        DeliveryType.MTA,
                        DeliveryType.MDA,
                        DeliveryType.MTA),
                types);
    }

    @Test
    @DisplayName("F-87 the reports of 500 failed recipients that are due go out as one batch")
    void reportsOfOneMessageAreOneBatch() {
        for (int low = 1; low <= 500; low++) {
            commit(T0, Mail.of(DeliveryType.BOUNCE, 1, low, "FAILED|0"));
        }
        assertEquals(List.of(500), sizes(queue.work(T0)));
    }

    // inflight

    @Test
    void inflightNeverExceedsItsLimit() {
        limit(3, 10);
        for (int msgid = 1; msgid <= 5; msgid++) {
            commit(DeliveryType.MTA, msgid, 1, "d" + msgid);
        }
        assertEquals(3, queue.work(T0).size());
        idle(T0);
        queue.delivered(id(1, 1));
        assertEquals(List.of(deliver(DeliveryType.MTA, id(4, 1))), queue.work(T0));
        assertEquals(3, queue.census().inflight());
    }

    @Test
    void removalsAndExpiriesGoOnWhileInflightIsFull() {
        limit(1, 10);
        commit(DeliveryType.MTA, 1, 1, "a");
        queue.work(T0);
        commit(T0, mta(2, 1, "a").ttl(Duration.ofSeconds(10)), mta(3, 1, "a"));
        remove(message(3), T0);
        assertEquals(List.of(new Remove(List.of(id(3, 1)))), queue.work(T0));
        assertEquals(List.of(new Expire(List.of(id(2, 1)))), queue.work(after(10)));
    }

    @Test
    void largeBatchWaitsForRoomAndSmallOnesDoNotOvertakeIt() {
        limit(1000, 10);
        commit(DeliveryType.MDA, 1, 950, "a");
        queue.work(T0);
        commit(DeliveryType.MTA, 2, 900, "example.org");
        idle(T0);
        commit(DeliveryType.MDA, 3, 1, "b");
        idle(T0);
        for (int low = 1; low <= 50; low++) {
            queue.delivered(id(1, low));
        }
        assertEquals(List.of(100), sizes(queue.work(T0)));
    }

    @Test
    void pausingTheTypeThatWaitsForRoomLetsOthersGo() {
        limit(1000, 10);
        commit(DeliveryType.MDA, 1, 950, "a");
        queue.work(T0);
        commit(DeliveryType.MTA, 2, 900, "example.org");
        commit(DeliveryType.MDA, 3, 1, "b");
        commit(DeliveryType.BOUNCE, 4, 1, "b");
        pause(DeliveryType.MTA, true, T0);
        assertEquals(List.of(1, 1), sizes(queue.work(T0)));
    }

    // results

    @Test
    void deliveredEnvelopeIsGone() {
        commit(T0, mta(1, 1, "a"));
        queue.work(T0);
        assertTrue(queue.delivered(id(1, 1)));
        assertFalse(queue.delivered(id(1, 1)));
        assertEquals(new Census(0, 0, 0, 0, 0, 0, 0), queue.census());
        assertTrue(queue.wake().isEmpty());
    }

    @Test
    void deferredEnvelopeIsTriedAgainOnItsSchedule() {
        commit(T0, mta(1, 1, "a"));
        queue.work(T0);
        queue.deferred(id(1, 1), after(7), after(8));
        assertEquals(
                new ScheduleState(id(1, 1), SchedulePhase.PENDING, false, after(400), after(7)),
                state(id(1, 1)));
        assertEquals(after(400), wake());
        idle(after(399));
        assertEquals(List.of(deliver(DeliveryType.MTA, id(1, 1))), queue.work(after(400)));
        queue.deferred(id(1, 1), after(450), after(450));
        assertEquals(after(1600), wake());
    }

    @Test
    void localEnvelopeIsTriedAgainSooner() {
        commit(T0, Mail.of(DeliveryType.MDA, 1, 1, "a"), Mail.of(DeliveryType.BOUNCE, 1, 2, "a"));
        queue.work(T0);
        queue.deferred(id(1, 1), T0, T0);
        queue.deferred(id(1, 2), T0, T0);
        assertEquals(after(10), state(id(1, 1)).since());
        assertEquals(after(10), state(id(1, 2)).since());
    }

    @Test
    void recipientsThatFailTogetherAreTriedTogether() {
        commit(DeliveryType.MTA, 1, 300, "example.org");
        queue.work(T0);
        for (int low = 1; low <= 300; low++) {
            queue.deferred(id(1, low), after(low), after(low));
        }
        assertEquals(List.of(300), sizes(queue.work(after(400))));
    }

    @Test
    void returnedEnvelopeIsTriedAgainShortlyAndThenLessAndLessOften() {
        commit(T0, mta(1, 1, "a"));
        Instant now = T0;
        for (long seconds : new long[] {1, 2, 4, 8, 16, 32, 64, 64, 64}) {
            assertEquals(1, queue.work(now).size());
            assertTrue(queue.returned(id(1, 1), now));
            assertEquals(now.plusSeconds(seconds), wake());
            now = wake();
        }
    }

    @Test
    void resultOfAnAttemptEndsTheSeriesOfReturns() {
        commit(T0, mta(1, 1, "a"));
        queue.work(T0);
        queue.returned(id(1, 1), T0);
        queue.work(after(1));
        queue.deferred(id(1, 1), after(1), after(1));
        queue.work(after(400));
        queue.returned(id(1, 1), after(400));
        assertEquals(after(401), wake());
    }

    @Test
    void resultForAnEnvelopeFromAnEarlierRunMovesItsSchedule() {
        commit(T0, mta(1, 1, "a"));
        queue.deferred(id(1, 1), after(1), after(1));
        assertEquals(after(400), wake());
        idle(after(1));
    }

    @Test
    void messagesAboutUnknownEnvelopesChangeNothing() {
        assertFalse(queue.delivered(id(1, 1)));
        assertFalse(queue.deferred(id(1, 1), T0, T0));
        assertFalse(queue.returned(id(1, 1), T0));
        assertTrue(queue.hold(id(1, 1), 5, T0));
        assertEquals(0, queue.release(DeliveryType.MTA, 5, 0, T0));
        assertEquals(new Census(0, 0, 0, 0, 0, 0, 0), queue.census());
    }

    // hold queues

    @Test
    void heldEnvelopeWaitsForItsRelease() {
        hold(1, 1, 7);
        idle(after(100_000));
        assertEquals(
                new ScheduleState(id(1, 1), SchedulePhase.HELD, false, T0, Instant.EPOCH),
                state(id(1, 1)));
        assertEquals(new Census(1, 1, 0, 0, 0, 1, 1), queue.census());
        assertEquals(1, queue.release(DeliveryType.MTA, 7, 1, after(5)));
        assertEquals(List.of(deliver(DeliveryType.MTA, id(1, 1))), queue.work(after(5)));
        assertEquals(0, queue.census().holdQueues());
    }

    @Test
    void releaseTakesTheOldestOfThatQueueOnly() {
        hold(1, 1, "a", 7);
        hold(2, 1, "b", 7);
        hold(3, 1, "c", 8);
        assertEquals(0, queue.release(DeliveryType.MDA, 7, 1, T0));
        assertEquals(1, queue.release(DeliveryType.MTA, 7, 1, T0));
        assertEquals(List.of(deliver(DeliveryType.MTA, id(1, 1))), queue.work(T0));
        assertEquals(2, queue.census().held());
    }

    @Test
    void releaseOfZeroMeansAll() {
        hold(1, 1, 7);
        hold(2, 1, 7);
        assertEquals(2, queue.release(DeliveryType.MTA, 7, 0, T0));
    }

    @Test
    void releaseKeepsTheRecipientsOfAMessageTogether() {
        hold(1, 40, 7);
        hold(2, 1, 7);
        assertEquals(40, queue.release(DeliveryType.MTA, 7, 10, T0));
        assertEquals(List.of(40), sizes(queue.work(T0)));
    }

    @Test
    void envelopeBeyondAFullHoldQueueBacksOff() {
        int messages = HoldQueue.HELD_MAX / 1000;
        for (int message = 1; message <= messages; message++) {
            hold(message, 1000, 7);
        }
        int last = messages + 1;
        commit(DeliveryType.MTA, last, 1, "a");
        queue.work(T0);
        assertFalse(queue.hold(id(last, 1), 7, after(1)));
        assertEquals(after(3), wake());
        assertEquals(SchedulePhase.PENDING, state(id(last, 1)).phase());
        assertEquals(List.of(deliver(DeliveryType.MTA, id(last, 1))), queue.work(after(3)));
    }

    @Test
    void heldEnvelopeExpires() {
        hold(1, 1, 7);
        assertEquals(T0.plus(Mail.TTL), wake());
        assertEquals(List.of(new Expire(List.of(id(1, 1)))), queue.work(T0.plus(Mail.TTL)));
        assertEquals(0, queue.census().held());
    }

    // expiry

    @Test
    void pendingEnvelopeExpiresAtItsTtl() {
        commit(T0, mta(1, 1, "a").ttl(Duration.ofSeconds(500)));
        queue.work(T0);
        queue.deferred(id(1, 1), after(401), after(401));
        assertEquals(after(500), wake());
        assertEquals(List.of(new Expire(List.of(id(1, 1)))), queue.work(after(500)));
        idle(after(1600));
        assertTrue(queue.delivered(id(1, 1)));
    }

    @Test
    void inflightEnvelopeExpiresWhenItsAttemptHasEnded() {
        commit(T0, mta(1, 1, "a"));
        queue.work(T0);
        Instant late = T0.plus(Mail.TTL).plusSeconds(60);
        idle(late);
        queue.deferred(id(1, 1), late, late);
        assertEquals(List.of(new Expire(List.of(id(1, 1)))), queue.work(late));
    }

    @Test
    void suspendedEnvelopesExpireAndPausedOnesDoNot() {
        pause(DeliveryType.MTA, true, T0);
        commit(T0, mta(1, 1, "a").suspended(), mta(2, 1, "b"));
        idle(after(1));
        assertEquals(List.of(new Expire(List.of(id(1, 1)))), queue.work(T0.plus(Mail.TTL)));
    }

    @Test
    void expiryThatTheQueueCouldNotCarryOutIsAskedAgainLater() {
        commit(T0, mta(1, 1, "a").ttl(Duration.ofSeconds(5)).suspended());
        queue.work(after(5));
        queue.returned(id(1, 1), after(6));
        idle(after(15));
        assertEquals(List.of(new Expire(List.of(id(1, 1)))), queue.work(after(16)));
        queue.deferred(id(1, 1), after(17), after(17));
        assertEquals(after(27), wake());
    }

    @Test
    void theScheduleFollowsItsConfiguredBase() {
        makeLoaded(new Limits.Scheduler(5000, 256, 1024, 10, new Limits.Retry(60, 10, 10)));
        commit(T0, mta(1, 1, "a"));
        queue.work(T0);
        queue.deferred(id(1, 1), T0, T0);
        assertEquals(after(60), wake());
        queue.work(after(60));
        queue.deferred(id(1, 1), after(61), after(61));
        assertEquals(after(240), wake());
    }
}
