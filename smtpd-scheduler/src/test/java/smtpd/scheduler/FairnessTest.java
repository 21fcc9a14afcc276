package smtpd.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static smtpd.scheduler.Mail.T0;
import static smtpd.scheduler.Mail.id;
import static smtpd.scheduler.Mail.mta;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.imsg.SchedulePhase;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.util.ArrayList;
import java.util.List;

class FairnessTest extends RunQueueFixture {
    private static final int MAX_INFLIGHT = 5000;

    /// Hands out until nothing more comes.
    List<EvpId> drain() {
        List<EvpId> out = new ArrayList<>();
        List<SchedulerToQueue> work = queue.work(T0);
        while (!work.isEmpty()) {
            for (SchedulerToQueue batch : work) {
                out.addAll(((SchedulerToQueue.Deliver) batch).envelopes());
            }
            work = queue.work(T0);
        }
        return out;
    }

    void backlog(int first, int count, String destination) {
        for (int msgid = first; msgid < first + count; msgid++) {
            queue.submit(mta(msgid, 1, destination).entry());
            queue.commit(new MsgId(msgid), T0);
        }
    }

    /// Messages of a long backlog.
    int many() {
        return 100_000;
    }

    @Test
    @DisplayName("F-90: 100,000 messages for a dead destination: one for another is next")
    void newMailOvertakesTheBacklogOfAnother() {
        backlog(1, many(), "dead.test");
        drain();
        queue.submit(mta(200_000, 1, "live.test").entry());
        queue.commit(new MsgId(200_000), T0);
        assertEquals(List.of(deliver(DeliveryType.MTA, id(200_000, 1))), queue.work(T0));
    }

    @Test
    @DisplayName("F-90: a destination that answers nothing takes no more than half of max-inflight")
    void aDestinationAloneTakesHalf() {
        backlog(1, 10_000, "dead.test");
        assertEquals(MAX_INFLIGHT / 2, drain().size());
    }

    @Test
    @DisplayName("F-90: a destination where nothing gets through has 50 in flight at most")
    void aFailingDestinationTakesLittle() {
        backlog(1, 10_000, "dead.test");
        drain().forEach(id -> queue.deferred(id, T0, T0));
        assertEquals(Shares.FAILING_MAX, drain().size());
        queue.delivered(id(MAX_INFLIGHT / 2 + 1, 1));
        assertTrue(drain().size() > 1000);
    }

    @Test
    @DisplayName("F-90: however many destinations answer nothing, each new one begins at once")
    void roomIsLeftForOthers() {
        for (int dead = 0; dead < 50; dead++) {
            backlog(1 + dead * 1000, 1000, "dead" + dead + ".test");
        }
        drain();
        int share = MAX_INFLIGHT / 51;
        backlog(100_000, 1000, "live.test");
        int live = drain().size();
        assertTrue(live >= share / 2, "live " + live);
        assertTrue(queue.census().inflight() < MAX_INFLIGHT);
    }

    @Test
    @DisplayName("F-90: what a backlog may have in flight it gets again as its attempts end")
    void aShareIsRefilled() {
        backlog(1, 6_000, "d.test");
        List<EvpId> out = drain();
        int total = out.size();
        while (!out.isEmpty()) {
            out.forEach(queue::delivered);
            out = drain();
            total += out.size();
        }
        assertEquals(6_000, total);
    }

    @Test
    @DisplayName("F-91: a small message leaves before 49 of the 50 batches of a large one")
    void aSmallMessageOvertakesALargeOne() {
        limit(MAX_INFLIGHT, 1);
        for (int low = 1; low <= 50_000; low++) {
            queue.submit(mta(1, low, "d.test").entry());
        }
        queue.commit(new MsgId(1), T0);
        assertEquals(
                1000, ((SchedulerToQueue.Deliver) queue.work(T0).getFirst()).envelopes().size());
        queue.submit(mta(2, 1, "d.test").entry());
        queue.commit(new MsgId(2), T0);
        drain();
        assertTrue(isInflight(id(2, 1)));
        assertTrue(queue.census().inflight() < MAX_INFLIGHT);
    }

    @Test
    @DisplayName("F-91: beside a large message a small one for the same destination begins at once")
    void aSmallMessageFindsAPlaceAtOnce() {
        for (int low = 1; low <= 50_000; low++) {
            queue.submit(mta(1, low, "d.test").entry());
        }
        queue.commit(new MsgId(1), T0);
        drain();
        for (int msgid = 2; msgid < 100; msgid++) {
            queue.submit(mta(msgid, 1, "d.test").entry());
            queue.commit(new MsgId(msgid), T0);
            assertEquals(List.of(deliver(DeliveryType.MTA, id(msgid, 1))), queue.work(T0));
        }
    }

    @Test
    @DisplayName("F-91: large messages come to their end beside any number of small ones")
    void largeMessagesAreNotStarved() {
        limit(1000, 10);
        for (int low = 1; low <= 5_000; low++) {
            queue.submit(mta(1, low, "d.test").entry());
        }
        queue.commit(new MsgId(1), T0);
        int msgid = 2;
        int large = 0;
        for (int round = 0; round < 200 && large < 5_000; round++) {
            backlog(msgid, 1000, "d.test");
            msgid += 1000;
            for (EvpId id : drain()) {
                large += id.msgid().value() == 1 ? 1 : 0;
                queue.delivered(id);
            }
        }
        assertEquals(5_000, large);
    }

    @Test
    @DisplayName("F-91: a message to 50,000 domains does not hold up a message to one of them")
    void aMessageToManyDomainsHoldsUpNobody() {
        for (int low = 1; low <= 50_000; low++) {
            queue.submit(mta(1, low, "d" + low + ".test").entry());
        }
        queue.commit(new MsgId(1), T0);
        drain();
        queue.submit(mta(2, 1, "d49999.test").entry());
        queue.commit(new MsgId(2), T0);
        assertEquals(List.of(deliver(DeliveryType.MTA, id(2, 1))), queue.work(T0));
    }

    @Test
    void destinationsAreServedInTurnAndEachInOrder() {
        limit(10, 100);
        backlog(1, 3, "a");
        backlog(11, 3, "b");
        List<EvpId> out = drain();
        assertEquals(List.of(id(1, 1), id(11, 1), id(2, 1), id(12, 1), id(3, 1), id(13, 1)), out);
    }

    private boolean isInflight(EvpId id) {
        return state(id).phase() == SchedulePhase.INFLIGHT;
    }
}
