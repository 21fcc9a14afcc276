package smtpd.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static smtpd.scheduler.Mail.T0;
import static smtpd.scheduler.Mail.id;
import static smtpd.scheduler.Mail.mta;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import smtpd.core.conf.Limits;
import smtpd.core.imsg.ControlToScheduler;
import smtpd.core.imsg.Done;
import smtpd.core.imsg.Progress;
import smtpd.core.imsg.QueueToScheduler;
import smtpd.core.imsg.ScheduleEntry;
import smtpd.core.imsg.SchedulePhase;
import smtpd.core.imsg.ScheduleState;
import smtpd.core.imsg.SchedulerToControl;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.imsg.Selection;
import smtpd.core.imsg.StatKind;
import smtpd.core.imsg.StatUpdate;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.EvpId;
import smtpd.core.proc.Agenda;
import smtpd.core.proc.Inbox;
import smtpd.core.proc.Peer;
import smtpd.core.stat.PushedStatistics;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;

class SchedulerAgentTest {
    private static final Selection ALL = new Selection(0);

    private final Time time = new Time();
    private final Said<SchedulerToQueue, QueueToScheduler> toQueue = new Said<>();
    private final Said<SchedulerToControl, ControlToScheduler> toControl = new Said<>();
    private final PushedStatistics statistics = new PushedStatistics();
    private Inbox<QueueToScheduler> queue = (request, message) -> {};
    private Inbox<ControlToScheduler> control = (request, message) -> {};

    /// Virtual time; what is due runs when it is moved.
    private static final class Time implements Agenda {
        private Instant now = T0;
        private long sequence;
        private int rung;
        private Duration taskTakes = Duration.ZERO;
        private final TreeMap<Instant, TreeMap<Long, Runnable>> later = new TreeMap<>();

        @Override
        public Instant now() {
            return now;
        }

        @Override
        public void after(Duration delay, Runnable task) {
            later.computeIfAbsent(now.plus(delay), _ -> new TreeMap<>()).put(sequence++, task);
        }

        void moveTo(Instant end) {
            while (!later.isEmpty() && !later.firstKey().isAfter(end)) {
                Map.Entry<Instant, TreeMap<Long, Runnable>> first = later.firstEntry();
                now = first.getKey().isAfter(now) ? first.getKey() : now;
                Runnable task = first.getValue().pollFirstEntry().getValue();
                if (first.getValue().isEmpty()) {
                    later.remove(first.getKey());
                }
                rung++;
                now = now.plus(taskTakes);
                task.run();
            }
            now = end.isAfter(now) ? end : now;
        }

        int alarms() {
            return later.values().stream().mapToInt(TreeMap::size).sum();
        }
    }

    /// A peer that remembers what it was told.
    private static final class Said<O, I> implements Peer<O, I> {
        private final List<O> messages = new ArrayList<>();
        private final List<Long> requests = new ArrayList<>();

        @Override
        public void send(O message) {
            messages.add(message);
        }

        @Override
        public void answer(long request, O message) {
            requests.add(request);
            messages.add(message);
        }

        @Override
        public void ask(O request, Duration patience, Consumer<Answer<I>> then) {
            throw new AssertionError("the scheduler asks nobody");
        }

        List<O> take() {
            List<O> taken = List.copyOf(messages);
            messages.clear();
            return taken;
        }
    }

    @BeforeEach
    void start() {
        start(Limits.Scheduler.DEFAULT, List.of());
        queue.attached();
        assertEquals(List.of(new SchedulerToQueue.Resubmit(false)), toQueue.take());
        hear(new QueueToScheduler.Loaded());
    }

    private void start(Limits.Scheduler limits, List<DeliveryType> paused) {
        start(limits, paused, new RamRunQueue(limits, new Random(1)));
    }

    private void start(Limits.Scheduler limits, List<DeliveryType> paused, RunQueue runQueue) {
        SchedulerAgent agent = new SchedulerAgent(limits, paused, runQueue, time);
        agent.connect(toQueue, toControl, statistics);
        queue = agent.queue();
        control = agent.control();
    }

    private void hear(QueueToScheduler message) {
        queue.receive(0, message);
    }

    private void submit(Mail... mails) {
        for (Mail mail : mails) {
            hear(new QueueToScheduler.Submit(mail.entry()));
        }
        for (Mail mail : mails) {
            hear(new QueueToScheduler.CommitMessage(mail.entry().id().msgid()));
        }
    }

    private List<SchedulerToControl> command(ControlToScheduler message) {
        control.receive(9, message);
        return toControl.take();
    }

    private static SchedulerToQueue deliver(EvpId... ids) {
        return new SchedulerToQueue.Deliver(DeliveryType.MTA, List.of(ids));
    }

    private static List<SchedulerToControl> count(int count) {
        return List.of(new SchedulerToControl.Count(count));
    }

    private static FallbackRunQueue onDisk(Path folder) throws IOException {
        return FallbackRunQueue.open(
                Limits.Scheduler.DEFAULT,
                new Random(1),
                folder,
                ShelfNames.CLEAR,
                warning -> {
                    throw new AssertionError(warning);
                });
    }

    private static List<ScheduleEntry> backlog(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(msgid -> mta(msgid, 1, "d" + msgid % 5).tried(T0, 1, T0).entry())
                .toList();
    }

    @Test
    @DisplayName("F-73: a command over many envelopes says that it is at it, until it is done")
    void aLongCommandSaysThatItIsAtIt(@TempDir Path folder) throws IOException {
        int count = 5 * ShelfCommands.PART;
        try (FallbackRunQueue many = onDisk(folder)) {
            start(Limits.Scheduler.DEFAULT, List.of(), many);
            queue.attached();
            hear(new QueueToScheduler.Found(backlog(count), List.of()));
            hear(new QueueToScheduler.Loaded());
            assertEquals(List.of(), command(new ControlToScheduler.Remove(ALL)));
            time.taskTakes = SchedulerAgent.PROGRESS_EVERY.dividedBy(2);
            time.moveTo(time.now().plus(SchedulerAgent.PROGRESS_EVERY.multipliedBy(5)));
            List<SchedulerToControl> said = toControl.take();
            assertEquals(new SchedulerToControl.Count(count), said.getLast());
            int last = 0;
            for (SchedulerToControl one : said.subList(0, said.size() - 1)) {
                int so = assertInstanceOf(Progress.class, one).count();
                assertTrue(so > last && so <= count, said::toString);
                last = so;
            }
            assertTrue(last > 0, said::toString);
        }
    }

    @Test
    @DisplayName("F-73: while a large part of the queue that is gone is forgotten mail goes on")
    void mailGoesOnWhileALargeGapIsForgotten(@TempDir Path folder) throws IOException {
        List<ScheduleEntry> all = backlog(5 * Merge.PAGE);
        try (FallbackRunQueue before = onDisk(folder)) {
            before.found(all, List.of(), T0);
            before.loaded();
            before.save();
        }
        try (FallbackRunQueue found = onDisk(folder)) {
            start(Limits.Scheduler.DEFAULT, List.of(), found);
            queue.attached();
            toQueue.take();
            hear(new QueueToScheduler.Found(List.of(all.getLast()), List.of()));
            submit(mta(100_000, 1, "fresh"));
            assertEquals(List.of(deliver(id(100_000, 1))), toQueue.take());
            time.moveTo(time.now());
            assertEquals(List.of(new SchedulerToQueue.More()), toQueue.take());
            assertEquals(2, found.census().envelopes());
        }
    }

    @Test
    @DisplayName("F-73: a queue that ends meanwhile is not asked for more")
    void whatIsForgottenBelongsToItsLoad(@TempDir Path folder) throws IOException {
        List<ScheduleEntry> all = backlog(5 * Merge.PAGE);
        try (FallbackRunQueue before = onDisk(folder)) {
            before.found(all, List.of(), T0);
            before.loaded();
            before.save();
        }
        try (FallbackRunQueue found = onDisk(folder)) {
            start(Limits.Scheduler.DEFAULT, List.of(), found);
            queue.attached();
            hear(new QueueToScheduler.Found(List.of(all.getLast()), List.of()));
            queue.detached();
            toQueue.take();
            time.moveTo(time.now());
            assertEquals(
                    List.of(),
                    toQueue.take().stream()
                            .filter(SchedulerToQueue.More.class::isInstance)
                            .toList());
        }
    }

    @Test
    @DisplayName("F-66: what an index without room has lost is asked for again")
    void lostIndexIsAskedForAgain(@TempDir Path directory) throws IOException {
        FallbackRunQueue.Disk disk =
                new FallbackRunQueue.Disk() {
                    @Override
                    public ShelfFile open() throws IOException {
                        ShelfFile file = ShelfFile.open(directory, ShelfNames.CLEAR, _ -> {});
                        file.bound(1);
                        return file;
                    }

                    @Override
                    public void putAside() {}

                    @Override
                    public long room() {
                        return 0;
                    }
                };
        Limits.Scheduler limits = Limits.Scheduler.DEFAULT;
        try (FallbackRunQueue runQueue =
                new FallbackRunQueue(limits, new Random(1), Capacity.DEFAULT, disk, _ -> {})) {
            start(limits, List.of(DeliveryType.MTA), runQueue);
            queue.attached();
            hear(new QueueToScheduler.Loaded());
            toQueue.take();
            List<ScheduleEntry> all = new ArrayList<>();
            while (toQueue.messages.isEmpty() && all.size() < 5_000) {
                Mail mail = mta(all.size() + 1, 1, "a" + all.size());
                submit(mail);
                all.add(mail.entry());
            }
            SchedulerToQueue resubmit = new SchedulerToQueue.Resubmit(true);
            assertEquals(List.of(resubmit), toQueue.take());
            hear(new QueueToScheduler.Found(all, List.of()));
            hear(new QueueToScheduler.Loaded());
            assertEquals(List.of(new SchedulerToQueue.More()), toQueue.take());
            command(new ControlToScheduler.Pause(DeliveryType.MTA, false));
            time.moveTo(T0);
            assertEquals(
                    all.size(),
                    toQueue.take().stream()
                            .map(SchedulerToQueue.Deliver.class::cast)
                            .mapToInt(batch -> batch.envelopes().size())
                            .sum());
        }
    }

    @Test
    void committedMailIsHandedOutAtOnce() {
        submit(mta(1, 1, "a"), mta(1, 2, "a"));
        assertEquals(List.of(deliver(id(1, 1), id(1, 2))), toQueue.take());
    }

    @Test
    void rolledBackMailIsForgotten() {
        hear(new QueueToScheduler.Submit(mta(1, 1, "a").entry()));
        hear(new QueueToScheduler.RollbackMessage(id(1, 1).msgid()));
        hear(new QueueToScheduler.CommitMessage(id(1, 1).msgid()));
        assertEquals(List.of(), toQueue.take());
    }

    @Test
    void deferredMailIsHandedOutAtItsExactTime() {
        submit(mta(1, 1, "a"));
        toQueue.take();
        hear(new QueueToScheduler.Deferred(id(1, 1), 1, T0));
        time.moveTo(T0.plusMillis(399_999));
        assertEquals(List.of(), toQueue.take());
        time.moveTo(T0.plusMillis(400_000));
        assertEquals(List.of(deliver(id(1, 1))), toQueue.take());
    }

    @Test
    void onlyWhatIsNextWakesTheAgent() {
        submit(mta(1, 1, "a"));
        for (int attempt = 1; attempt <= 20; attempt++) {
            hear(new QueueToScheduler.Deferred(id(1, 1), attempt, time.now()));
            hear(new QueueToScheduler.Deferred(id(1, 1), attempt, time.now()));
            time.moveTo(T0.plusSeconds(400L * attempt * attempt));
            assertEquals(attempt + 1, toQueue.messages.size());
            assertEquals(attempt, time.rung);
        }
        hear(new QueueToScheduler.Deferred(id(1, 1), 21, time.now()));
        assertEquals(1, time.alarms());
    }

    @Test
    void moreThanOneTurnGoesOnAfterWhatHasArrived() {
        start(new Limits.Scheduler(5000, 256, 1024, 2), List.of());
        queue.attached();
        hear(new QueueToScheduler.Loaded());
        command(new ControlToScheduler.Pause(DeliveryType.MTA, true));
        for (int msgid = 1; msgid <= 5; msgid++) {
            submit(mta(msgid, 1, "a"));
        }
        toQueue.take();
        command(new ControlToScheduler.Pause(DeliveryType.MTA, false));
        assertEquals(2, toQueue.take().size());
        time.moveTo(T0);
        assertEquals(3, toQueue.take().size());
    }

    @Test
    void roomMadeByAResultIsUsedAtOnce() {
        start(new Limits.Scheduler(1, 256, 1024, 10), List.of());
        queue.attached();
        hear(new QueueToScheduler.Loaded());
        submit(mta(1, 1, "a"), mta(2, 1, "a"));
        toQueue.take();
        hear(new QueueToScheduler.Delivered(id(1, 1)));
        assertEquals(List.of(deliver(id(2, 1))), toQueue.take());
    }

    @Test
    void returnedMailIsTriedAgainASecondLater() {
        submit(mta(1, 1, "a"));
        toQueue.take();
        hear(new QueueToScheduler.Returned(id(1, 1)));
        time.moveTo(T0.plusSeconds(1));
        assertEquals(List.of(deliver(id(1, 1))), toQueue.take());
    }

    @Test
    void heldMailIsHandedOutWhenReleased() {
        submit(mta(1, 1, "a"));
        toQueue.take();
        hear(new QueueToScheduler.Hold(id(1, 1), 77));
        assertEquals(List.of(), toQueue.take());
        hear(new QueueToScheduler.Release(DeliveryType.MTA, 77, 0));
        assertEquals(List.of(deliver(id(1, 1))), toQueue.take());
    }

    @Test
    @DisplayName("F-69 a dead queue is forgotten, and a fresh one submits everything again")
    void queueDiesAndComesBack() {
        submit(mta(1, 1, "a"));
        hear(new QueueToScheduler.Submit(mta(2, 1, "a").entry()));
        toQueue.take();
        queue.detached();
        time.moveTo(T0.plusSeconds(30));
        assertEquals(List.of(), toQueue.take());
        assertEquals(count(0), command(new ControlToScheduler.Schedule(ALL)));
        queue.attached();
        assertEquals(List.of(new SchedulerToQueue.Resubmit(false)), toQueue.take());
        submit(mta(1, 1, "a"));
        hear(new QueueToScheduler.CommitMessage(id(2, 1).msgid()));
        hear(new QueueToScheduler.Loaded());
        assertEquals(List.of(deliver(id(1, 1))), toQueue.take());
    }

    @Test
    void pauseAnswersWhetherItChangedAnything() {
        ControlToScheduler pause = new ControlToScheduler.Pause(DeliveryType.MTA, true);
        assertEquals(List.of(new Done(true, "")), command(pause));
        assertEquals(List.of(new Done(false, "mta is paused already")), command(pause));
        submit(mta(1, 1, "a"));
        assertEquals(List.of(), toQueue.take());
        ControlToScheduler resume = new ControlToScheduler.Pause(DeliveryType.MTA, false);
        assertEquals(List.of(new Done(true, "")), command(resume));
        assertEquals(List.of(deliver(id(1, 1))), toQueue.take());
        assertEquals(List.of(new Done(false, "mta is running already")), command(resume));
    }

    @Test
    void bouncesCannotBePaused() {
        assertEquals(
                List.of(new Done(false, "bounces cannot be paused")),
                command(new ControlToScheduler.Pause(DeliveryType.BOUNCE, true)));
    }

    @Test
    void typesCanStartPaused() {
        start(Limits.Scheduler.DEFAULT, List.of(DeliveryType.MTA));
        queue.attached();
        toQueue.take();
        submit(mta(1, 1, "a"));
        assertEquals(List.of(), toQueue.take());
    }

    @Test
    void pauseSurvivesTheQueue() {
        command(new ControlToScheduler.Pause(DeliveryType.MTA, true));
        queue.detached();
        queue.attached();
        toQueue.take();
        submit(mta(1, 1, "a"));
        assertEquals(List.of(), toQueue.take());
    }

    @Test
    void removeAnswersItsCountAndAsksTheQueue() {
        command(new ControlToScheduler.Pause(DeliveryType.MTA, true));
        submit(mta(1, 1, "a"), mta(2, 1, "a"));
        assertEquals(count(2), command(new ControlToScheduler.Remove(ALL)));
        assertEquals(
                List.of(new SchedulerToQueue.Remove(List.of(id(1, 1), id(2, 1)))), toQueue.take());
    }

    @Test
    @DisplayName("F-94 removing what is in flight is answered at once and done after its attempt")
    void removeOfAnInflightEnvelope() {
        submit(mta(1, 1, "a"));
        toQueue.take();
        assertEquals(count(1), command(new ControlToScheduler.Remove(ALL)));
        assertEquals(List.of(), toQueue.take());
        hear(new QueueToScheduler.Deferred(id(1, 1), 1, T0));
        assertEquals(List.of(new SchedulerToQueue.Remove(List.of(id(1, 1)))), toQueue.take());
    }

    @Test
    void suspendIsRememberedByTheQueue() {
        submit(mta(1, 1, "a"));
        toQueue.take();
        assertEquals(count(1), command(new ControlToScheduler.Suspend(ALL, true)));
        assertEquals(
                List.of(new SchedulerToQueue.Suspend(List.of(id(1, 1)), true)), toQueue.take());
        assertEquals(count(0), command(new ControlToScheduler.Suspend(ALL, true)));
        assertEquals(List.of(), toQueue.take());
        assertEquals(count(1), command(new ControlToScheduler.Suspend(ALL, false)));
        assertEquals(
                List.of(new SchedulerToQueue.Suspend(List.of(id(1, 1)), false)), toQueue.take());
    }

    @Test
    @DisplayName("F-89: more time is remembered by the queue")
    void moreTimeIsRememberedByTheQueue() {
        submit(mta(1, 1, "a"), mta(1, 2, "b"));
        toQueue.take();
        Duration day = Duration.ofDays(1);
        assertEquals(count(1), command(new ControlToScheduler.Extend(ALL, "b", day)));
        assertEquals(List.of(new SchedulerToQueue.Extend(List.of(id(1, 2)), day)), toQueue.take());
    }

    @Test
    void suspendOfManyIsSentInParts() {
        command(new ControlToScheduler.Pause(DeliveryType.MTA, true));
        for (int msgid = 1; msgid <= SchedulerAgent.SUSPEND_MAX + 1; msgid++) {
            submit(mta(msgid, 1, "a"));
        }
        command(new ControlToScheduler.Suspend(ALL, true));
        assertEquals(
                List.of(SchedulerAgent.SUSPEND_MAX, 1),
                toQueue.take().stream()
                        .map(it -> ((SchedulerToQueue.Suspend) it).envelopes().size())
                        .toList());
    }

    @Test
    void statesAreToldOfKnownEnvelopes() {
        submit(mta(1, 1, "a"));
        assertEquals(
                List.of(
                        new SchedulerToControl.StateList(
                                List.of(
                                        new ScheduleState(
                                                id(1, 1),
                                                SchedulePhase.INFLIGHT,
                                                false,
                                                T0,
                                                Instant.EPOCH)))),
                command(new ControlToScheduler.States(List.of(id(1, 1), id(9, 9)))));
        assertEquals(List.of(9L), toControl.requests);
    }

    @Test
    void levelsAndEventsAreCounted() {
        submit(mta(1, 1, "a"), mta(1, 2, "b"));
        hear(new QueueToScheduler.Submit(mta(2, 1, "a").entry()));
        hear(new QueueToScheduler.Deferred(id(1, 1), 1, T0));
        command(new ControlToScheduler.Remove(new Selection(id(1, 1).value())));
        Map<String, Long> counts = counts();
        assertEquals(2, counts.get("scheduler.envelope"));
        assertEquals(1, counts.get("scheduler.envelope.incoming"));
        assertEquals(1, counts.get("scheduler.envelope.inflight"));
        assertEquals(1, counts.get("scheduler.envelope.updated"));
        assertEquals(1, counts.get("scheduler.envelope.removed"));
        assertEquals(1, counts.get("scheduler.ramqueue.message"));
    }

    @Test
    void expiriesAreCounted() {
        submit(mta(1, 1, "a").ttl(Duration.ofSeconds(10)).suspended());
        time.moveTo(T0.plusSeconds(10));
        assertEquals(List.of(new SchedulerToQueue.Expire(List.of(id(1, 1)))), toQueue.take());
        assertEquals(1, counts().get("scheduler.envelope.expired"));
    }

    @Test
    void freshControlLearnsTheLevels() {
        submit(mta(1, 1, "a"));
        counts();
        control.attached();
        assertEquals(
                Map.of(
                        "scheduler.envelope", 1L,
                        "scheduler.envelope.inflight", 1L,
                        "scheduler.ramqueue.envelope", 1L,
                        "scheduler.ramqueue.message", 1L),
                counts());
    }

    private Map<String, Long> counts() {
        Map<String, Long> counts = new TreeMap<>();
        for (StatUpdate update : statistics.drain().updates()) {
            assertEquals(true, update.kind() != StatKind.DECREMENT);
            counts.put(update.key(), update.value());
        }
        return counts;
    }
}
