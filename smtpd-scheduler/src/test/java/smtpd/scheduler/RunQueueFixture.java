package smtpd.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static smtpd.scheduler.Mail.T0;
import static smtpd.scheduler.Mail.id;

import org.junit.jupiter.api.BeforeEach;

import smtpd.core.conf.Limits;
import smtpd.core.imsg.ScheduleState;
import smtpd.core.imsg.SchedulerToQueue.Deliver;
import smtpd.core.imsg.Selection;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.time.Instant;
import java.util.List;
import java.util.Random;

/// A run queue, and short words for what its tests do with it.
abstract class RunQueueFixture {
    static final Selection ALL = new Selection(0);

    RunQueue queue = new RamRunQueue(Limits.Scheduler.DEFAULT, new Random(1));

    @BeforeEach
    void loaded() {
        queue.loaded();
    }

    void limit(int inflight, int batches) {
        queue = new RamRunQueue(new Limits.Scheduler(inflight, 256, 1024, batches), new Random(1));
        queue.loaded();
    }

    void commit(Instant now, Mail... mails) {
        for (Mail mail : mails) {
            queue.submit(mail.entry());
        }
        for (Mail mail : mails) {
            queue.commit(mail.entry().id().msgid(), now);
        }
    }

    void commit(DeliveryType type, int msgid, int recipients, String destination) {
        for (int low = 1; low <= recipients; low++) {
            queue.submit(Mail.of(type, msgid, low, destination).entry());
        }
        queue.commit(new MsgId(msgid), T0);
    }

    static Deliver deliver(DeliveryType type, EvpId... ids) {
        return new Deliver(type, List.of(ids));
    }

    static Selection only(EvpId id) {
        return new Selection(id.value());
    }

    static Selection message(int msgid) {
        return new Selection((long) msgid << 32);
    }

    static Instant after(long seconds) {
        return T0.plusSeconds(seconds);
    }

    ScheduleState state(EvpId id) {
        return queue.states(List.of(id)).getFirst();
    }

    void idle(Instant now) {
        assertEquals(List.of(), queue.work(now));
    }

    Instant wake() {
        return queue.wake().orElseThrow();
    }

    void hold(int msgid, int recipients, long holdq) {
        commit(DeliveryType.MTA, msgid, recipients, "a");
        queue.work(T0);
        for (int low = 1; low <= recipients; low++) {
            assertTrue(queue.hold(id(msgid, low), holdq, T0));
        }
    }
}
