package smtpd.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import smtpd.core.conf.Limits;
import smtpd.core.imsg.ScheduleEntry;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.imsg.Selection;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.LongStream;

/// Random histories, in which the run queue and the [Model] must agree after every step.
class RunQueueModelTest extends RunQueueFixture {
    private static final int STEPS = 600;
    private static final int MESSAGES = 12;
    private static final int RECIPIENTS = 6;

    /// More turns than a history has envelopes, each with its own time.
    private static final int ROUNDS_MAX = 1000;

    /// Behind whatever happens within a history, and before what expires where nothing shall.
    private static final Duration FAR = Duration.ofDays(100);

    private final Instant[] now = {Mail.T0};

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 200);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void agreesWithTheModel(long seed) {
        Random random = new Random(seed);
        int maxInflight = 8 + random.nextInt(20);
        Limits.Scheduler limits =
                new Limits.Scheduler(
                        maxInflight, 1 + random.nextInt(9), 1024, 1 + random.nextInt(12));
        makeLoaded(limits);
        Model model = new Model(maxInflight, backend());
        for (int step = 0; step < STEPS; step++) {
            act(random, queue, model);
            drain(queue, model);
            model.compare(queue, now[0], RECIPIENTS);
        }
        finish(queue, model);
    }

    /// Nothing is held up any more, and every attempt succeeds: all comes to its end.
    private void finish(RunQueue queue, Model model) {
        Selection all = new Selection(0);
        model.suspend(all, false);
        RunQueueFixture.changed(queue.suspend(all, false), now[0]);
        for (DeliveryType type : DeliveryType.values()) {
            model.pause(type, false);
            queue.pause(type, false, now[0]);
            model.release(type, 0, 0, now[0]);
            queue.release(type, 0, 0, now[0]);
        }
        for (int round = 0; !model.known.isEmpty(); round++) {
            assertTrue(round < ROUNDS_MAX, () -> "left: " + model.known.values());
            drain(queue, model);
            for (Model.Known it : List.copyOf(model.known.values())) {
                if (!it.waits()) {
                    queue.delivered(it.id());
                    model.delivered(it.id());
                }
            }
            drain(queue, model);
            now[0] = queue.wake().filter(it -> it.isAfter(now[0])).orElse(now[0]);
        }
        assertEquals(0, queue.census().envelopes());
        assertEquals(0, queue.census().messages());
    }

    private void drain(RunQueue queue, Model model) {
        model.settle(now[0]);
        List<SchedulerToQueue> work = queue.work(now[0]);
        while (!work.isEmpty()) {
            work.forEach(batch -> model.judge(batch, now[0]));
            work = queue.work(now[0]);
        }
    }

    private void act(Random random, RunQueue queue, Model model) {
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3 -> submit(random, queue, model);
            case 4, 5 -> commit(random, queue, model);
            case 6 -> rollback(random, queue, model);
            case 7, 8, 9, 10, 11 -> result(random, queue, model);
            case 12, 13, 14 -> pass(random, queue);
            case 15 -> release(random, queue, model);
            case 16 -> schedule(random, queue, model);
            case 17 -> remove(random, queue, model);
            case 18 -> suspend(random, queue, model);
            default -> pause(random, queue, model);
        }
    }

    private void submit(Random random, RunQueue queue, Model model) {
        int msgid = 1 + random.nextInt(MESSAGES);
        for (int count = random.nextInt(5); count >= 0; count--) {
            Instant created = now[0].minusSeconds(random.nextInt(20));
            ScheduleEntry entry =
                    new ScheduleEntry(
                            Mail.id(msgid, 1 + random.nextInt(RECIPIENTS)),
                            type(random),
                            "d" + random.nextInt(3),
                            created,
                            ttl(random),
                            0,
                            Instant.EPOCH,
                            random.nextInt(8) == 0);
            queue.submit(entry);
            model.submit(entry);
        }
    }

    /// Where there is little room what waits for it expires a moment later: here it does not.
    private Duration ttl(Random random) {
        Duration ttl = Duration.ofSeconds(30 + random.nextInt(3000));
        return backend() == Backends.TINY ? ttl.plusDays(1000) : ttl;
    }

    private void commit(Random random, RunQueue queue, Model model) {
        MsgId msgid = new MsgId(1 + random.nextInt(MESSAGES));
        int before = model.known.size();
        model.commit(msgid, now[0]);
        assertEquals(model.known.size() - before, queue.commit(msgid, now[0]));
    }

    private static void rollback(Random random, RunQueue queue, Model model) {
        MsgId msgid = new MsgId(1 + random.nextInt(MESSAGES));
        queue.rollback(msgid);
        model.rollback(msgid);
    }

    private void result(Random random, RunQueue queue, Model model) {
        List<Model.Known> busy = new ArrayList<>(model.known.values());
        busy.removeIf(it -> it.waits() && random.nextInt(30) != 0);
        for (Model.Known it : busy) {
            EvpId id = it.id();
            switch (random.nextInt(6)) {
                case 0 -> {
                    queue.delivered(id);
                    model.delivered(id);
                }
                case 1 -> {
                    queue.deferred(id, now[0], now[0]);
                    model.deferred(it, now[0]);
                }
                case 2 -> {
                    queue.returned(id, now[0]);
                    model.returned(it, now[0]);
                }
                case 3 -> {
                    int holdq = 1 + random.nextInt(2);
                    queue.hold(id, holdq, now[0]);
                    model.hold(it, holdq, now[0]);
                }
                default -> {}
            }
        }
    }

    private void pass(Random random, RunQueue queue) {
        Instant wake = queue.wake().orElse(Instant.MAX);
        boolean exactly = random.nextBoolean() && wake.isBefore(now[0].plus(FAR));
        now[0] = exactly ? wake : now[0].plusSeconds(random.nextInt(200));
    }

    private void release(Random random, RunQueue queue, Model model) {
        DeliveryType type = type(random);
        int holdq = random.nextInt(3);
        int count = random.nextInt(4);
        assertEquals(
                model.release(type, holdq, count, now[0]),
                queue.release(type, holdq, count, now[0]));
    }

    private static DeliveryType type(Random random) {
        return List.of(DeliveryType.values()).get(random.nextInt(3));
    }

    private static Selection selection(Random random) {
        long message = 1L + random.nextInt(MESSAGES);
        return switch (random.nextInt(6)) {
            case 0 -> new Selection(0);
            case 1, 2 -> new Selection(message << 32);
            default -> new Selection(message << 32 | (1 + random.nextInt(RECIPIENTS)));
        };
    }

    private void schedule(Random random, RunQueue queue, Model model) {
        Selection which = selection(random);
        assertEquals(
                model.schedule(which, now[0]),
                RunQueueFixture.count(queue.schedule(which), now[0]));
    }

    private void remove(Random random, RunQueue queue, Model model) {
        Selection which = selection(random);
        assertEquals(model.remove(which), RunQueueFixture.count(queue.remove(which), now[0]));
    }

    private void suspend(Random random, RunQueue queue, Model model) {
        Selection which = selection(random);
        boolean on = random.nextBoolean();
        NavigableSet<EvpId> changed = new TreeSet<>();
        for (long id : RunQueueFixture.changed(queue.suspend(which, on), now[0])) {
            changed.add(new EvpId(id));
        }
        assertEquals(model.suspend(which, on), changed);
    }

    private void pause(Random random, RunQueue queue, Model model) {
        DeliveryType type = type(random);
        boolean on = random.nextInt(3) == 0;
        assertEquals(model.pause(type, on), queue.pause(type, on, now[0]));
    }
}
