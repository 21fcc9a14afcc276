package smtpd.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static smtpd.scheduler.Mail.T0;
import static smtpd.scheduler.Mail.id;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

import smtpd.core.conf.Limits;
import smtpd.core.imsg.ScheduleState;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.imsg.SchedulerToQueue.Deliver;
import smtpd.core.imsg.Selection;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;

/// A run queue, and short words for what its tests do with it.
abstract class RunQueueFixture {
    static final Selection ALL = new Selection(0);

    @TempDir Path directory = Path.of("");

    RunQueue queue = new RamRunQueue(Limits.Scheduler.DEFAULT, new Random(1));

    private final List<RunQueue> made = new ArrayList<>();

    /// Which run queue is tested.
    Backends backend() {
        return Backends.RAM;
    }

    @BeforeEach
    void loaded() {
        makeLoaded(Limits.Scheduler.DEFAULT);
    }

    @AfterEach
    void close() {
        for (RunQueue it : made) {
            if (it instanceof SqliteRunQueue open) {
                open.close();
            }
        }
    }

    void make(Limits.Scheduler limits) {
        queue = backend().make(directory, limits, new Random(1));
        made.add(queue);
    }

    void makeLoaded(Limits.Scheduler limits) {
        make(limits);
        queue.loaded();
    }

    void limit(int inflight, int batches) {
        makeLoaded(new Limits.Scheduler(inflight, 256, 1024, batches));
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

    static int count(Sweep sweep, Instant now) {
        int count = 0;
        Sweep.Part part;
        do {
            part = sweep.next(now);
            count += part.count();
        } while (!part.last());
        return count;
    }

    static long[] changed(Sweep sweep, Instant now) {
        List<Long> changed = new ArrayList<>();
        Sweep.Part part;
        do {
            part = sweep.next(now);
            assertEquals(part.count(), part.changed().length);
            LongStream.of(part.changed()).forEach(changed::add);
        } while (!part.last());
        return changed.stream().mapToLong(it -> it).toArray();
    }

    boolean pause(DeliveryType type, boolean on, Instant now) {
        return queue.pause(type, on, now);
    }

    int schedule(Selection which, Instant now) {
        return count(queue.schedule(which), now);
    }

    int schedule(String destination, Instant now) {
        return count(queue.schedule(destination), now);
    }

    int remove(Selection which, Instant now) {
        return count(queue.remove(which), now);
    }

    long[] suspend(Selection which, boolean on, Instant now) {
        return changed(queue.suspend(which, on), now);
    }

    long[] extend(Selection which, String domain, Duration by, Instant now) {
        return changed(queue.extend(which, domain, by), now);
    }

    /// Hands out at a time, and delivers, until nothing more comes: the envelopes in their order,
    /// each of them once.
    List<EvpId> everything(Instant now) {
        List<EvpId> out = new ArrayList<>();
        List<SchedulerToQueue> work = queue.work(now);
        while (!work.isEmpty()) {
            for (SchedulerToQueue batch : work) {
                List<EvpId> ids = ((Deliver) batch).envelopes();
                assertTrue(ids.size() <= Batches.BATCH_MAX, "a large batch");
                ids.forEach(queue::delivered);
                out.addAll(ids);
            }
            work = queue.work(now);
        }
        assertEquals(out.size(), Set.copyOf(out).size(), "something twice");
        return out;
    }

    void hold(int msgid, int recipients, long holdq) {
        hold(msgid, recipients, "a", holdq);
    }

    void hold(int msgid, int recipients, String destination, long holdq) {
        commit(DeliveryType.MTA, msgid, recipients, destination);
        queue.work(T0);
        for (int low = 1; low <= recipients; low++) {
            assertTrue(queue.hold(id(msgid, low), holdq, T0));
        }
    }
}
