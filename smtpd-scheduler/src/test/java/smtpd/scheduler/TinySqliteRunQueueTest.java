package smtpd.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static smtpd.scheduler.Mail.T0;
import static smtpd.scheduler.Mail.id;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.imsg.SchedulerToQueue.Deliver;
import smtpd.core.mail.DeliveryType;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// [RunQueueTest] with an index on disk and room for next to nothing. What differs is how much is
/// handed out at a time and in what order: everything is, once, and no kind waits for another.
class TinySqliteRunQueueTest extends RunQueueTest {
    @Override
    Backends backend() {
        return Backends.TINY;
    }

    @Override
    @Test
    void commitMakesAllRecipientsVisibleAtOnce() {
        commit(
                T0,
                Mail.of(DeliveryType.MDA, 1, 1, "a"),
                Mail.of(DeliveryType.MDA, 1, 2, "b"),
                Mail.of(DeliveryType.MDA, 1, 3, "a"));
        assertEquals(
                Set.of(
                        deliver(DeliveryType.MDA, id(1, 1), id(1, 3)),
                        deliver(DeliveryType.MDA, id(1, 2))),
                Set.copyOf(queue.work(T0)));
        assertEquals(0, queue.census().incoming());
    }

    @Override
    @Test
    void largerBatchesAreCut() {
        limit(10_000, 10);
        commit(DeliveryType.MTA, 1, 2500, "example.org");
        assertEquals(2500, everything(T0).size());
    }

    @Override
    @Test
    void shortTurnsStarveNoKind() {
        limit(5000, 1);
        for (int msgid = 1; msgid <= 3; msgid++) {
            commit(DeliveryType.MDA, 10 + msgid, 1, "a");
            commit(DeliveryType.MTA, 20 + msgid, 1, "a");
        }
        List<DeliveryType> types = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            for (SchedulerToQueue batch : queue.work(T0)) {
                Deliver it = (Deliver) batch;
                types.add(it.type());
                it.envelopes().forEach(queue::delivered);
            }
        }
        assertEquals(6, types.size());
        assertEquals(2, Set.copyOf(types.subList(0, 2)).size(), types::toString);
    }

    @Override
    @Test
    @DisplayName("F-87 the reports of 500 failed recipients that are due all go out")
    void reportsOfOneMessageAreOneBatch() {
        for (int low = 1; low <= 500; low++) {
            commit(T0, Mail.of(DeliveryType.BOUNCE, 1, low, "FAILED|0"));
        }
        assertEquals(500, everything(T0).size());
    }

    /// What is in flight of a type fills its room; the others have their own.
    @Override
    @Test
    void pausingTheTypeThatWaitsForRoomLetsOthersGo() {
        limit(1000, 10);
        commit(DeliveryType.MDA, 1, 950, "a");
        queue.work(T0);
        commit(DeliveryType.MTA, 2, 900, "example.org");
        commit(DeliveryType.MDA, 3, 1, "b");
        commit(DeliveryType.BOUNCE, 4, 1, "b");
        pause(DeliveryType.MTA, true, T0);
        assertEquals(List.of(deliver(DeliveryType.BOUNCE, id(4, 1))), queue.work(T0));
        for (int low = 1; low <= 950; low++) {
            queue.delivered(id(1, low));
        }
        assertEquals(List.of(deliver(DeliveryType.MDA, id(3, 1))), queue.work(T0));
    }

    /// A hold queue does not fill: what is held takes the room that more would need.
    @Override
    @Test
    void envelopeBeyondAFullHoldQueueBacksOff() {
        hold(1, 1000, 7);
        commit(DeliveryType.MTA, 2, 1, "b");
        idle(T0);
        assertEquals(1000, queue.census().held());
        assertTrue(queue.release(DeliveryType.MTA, 7, 0, T0) == 1000);
        assertEquals(1001, everything(T0).size());
    }
}
