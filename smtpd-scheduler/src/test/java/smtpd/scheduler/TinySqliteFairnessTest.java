package smtpd.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static smtpd.scheduler.Backends.TINY_CAPACITY;
import static smtpd.scheduler.Mail.T0;
import static smtpd.scheduler.Mail.id;
import static smtpd.scheduler.Mail.mta;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.util.List;
import java.util.Set;

/// [FairnessTest] with an index on disk and room for next to nothing: a destination's share is what
/// it may have in memory, and what waits behind it comes as attempts end.
class TinySqliteFairnessTest extends FairnessTest {
    @Override
    Backends backend() {
        return Backends.TINY;
    }

    @Override
    int many() {
        return 10_000;
    }

    @Override
    @Test
    @DisplayName(
            "F-90: a destination that answers nothing takes its share, half as much again if new")
    void aDestinationAloneTakesHalf() {
        int share = TINY_CAPACITY.perDestination();
        backlog(1, 1_000, "dead.test");
        assertEquals(share + share / 2, drain().size());
    }

    @Override
    @Test
    @DisplayName("F-90: a destination where nothing gets through takes no more than its share")
    void aFailingDestinationTakesLittle() {
        backlog(1, 1_000, "dead.test");
        drain().forEach(id -> queue.deferred(id, T0, T0));
        List<EvpId> probes = drain();
        assertTrue(!probes.isEmpty() && probes.size() <= TINY_CAPACITY.perFailing());
        queue.delivered(probes.getFirst());
        assertTrue(!drain().isEmpty());
    }

    @Override
    @Test
    @DisplayName("F-90: while there is room for one each new destination begins at once")
    void roomIsLeftForOthers() {
        for (int dead = 0; dead < TINY_CAPACITY.perType() / 2; dead++) {
            backlog(1 + dead * 1000, 20, "dead" + dead + ".test");
        }
        drain();
        backlog(100_000, 20, "live.test");
        List<EvpId> live = drain();
        assertTrue(!live.isEmpty());
        assertTrue(live.stream().allMatch(id -> id.msgid().value() >= 100_000));
    }

    @Override
    @Test
    @DisplayName("F-91: a large message and a small one both come to their end")
    void aSmallMessageOvertakesALargeOne() {
        for (int low = 1; low <= 5_000; low++) {
            queue.submit(mta(1, low, "d.test").entry());
        }
        queue.commit(new MsgId(1), T0);
        queue.submit(mta(2, 1, "d.test").entry());
        queue.commit(new MsgId(2), T0);
        assertEquals(5_001, everything(T0).size());
    }

    @Override
    @Test
    @DisplayName("F-91: beside a large message a small one for another destination begins at once")
    void aSmallMessageFindsAPlaceAtOnce() {
        for (int low = 1; low <= 5_000; low++) {
            queue.submit(mta(1, low, "d.test").entry());
        }
        queue.commit(new MsgId(1), T0);
        for (EvpId id : drain().subList(0, 998)) {
            queue.delivered(id);
        }
        for (int msgid = 2; msgid < 5; msgid++) {
            queue.submit(mta(msgid, 1, "e" + msgid + ".test").entry());
            queue.commit(new MsgId(msgid), T0);
            assertEquals(List.of(deliver(DeliveryType.MTA, id(msgid, 1))), queue.work(T0));
        }
    }

    @Override
    @Test
    @DisplayName("F-91: a message to many domains does not keep a message to one of them for ever")
    void aMessageToManyDomainsHoldsUpNobody() {
        for (int low = 1; low <= 2_000; low++) {
            queue.submit(mta(1, low, "d" + low + ".test").entry());
        }
        queue.commit(new MsgId(1), T0);
        queue.submit(mta(2, 1, "d1999.test").entry());
        queue.commit(new MsgId(2), T0);
        assertTrue(everything(T0).contains(id(2, 1)));
    }

    @Override
    @Test
    void destinationsAreServedInTurnAndEachInOrder() {
        limit(10, 100);
        backlog(1, 3, "a");
        backlog(11, 3, "b");
        List<EvpId> out = everything(T0);
        assertEquals(Set.of(id(1, 1), id(11, 1)), Set.copyOf(out.subList(0, 2)));
        assertEquals(inOrder(out, 1), inOrder(out, 1).stream().sorted().toList());
        assertEquals(inOrder(out, 11), inOrder(out, 11).stream().sorted().toList());
        assertEquals(6, out.size());
    }

    private static List<EvpId> inOrder(List<EvpId> out, int first) {
        return out.stream().filter(it -> it.msgid().value() / 10 == first / 10).toList();
    }
}
