package smtpd.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.imsg.DeliveryResult;
import smtpd.core.imsg.LkaToQueue;
import smtpd.core.imsg.MdaToQueue;
import smtpd.core.imsg.MtaToQueue;
import smtpd.core.imsg.QueueToLka;
import smtpd.core.imsg.QueueToMda;
import smtpd.core.imsg.QueueToMta;
import smtpd.core.imsg.QueueToScheduler;
import smtpd.core.imsg.QueueToSmtp;
import smtpd.core.imsg.ScheduleEntry;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.imsg.SmtpToQueue;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Esc;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;
import smtpd.core.mail.Outcome;
import smtpd.core.proc.Agenda;
import smtpd.core.stat.Statistics;
import smtpd.queue.store.Content;
import smtpd.queue.store.Loaded;
import smtpd.queue.store.MailStore;
import smtpd.queue.store.Piece;
import smtpd.queue.store.RamStore;
import smtpd.queue.store.Store;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// One message whose recipients fail in every way and at different times, with the queue killed
/// after each single step in turn: its store is all that is left, and scheduler and deliverers know
/// nothing of what they had.
class ReportCrashTest {
    private static final String FINAL = "Final-Recipient: rfc822; ";

    /// What becomes of a recipient, and after how many seconds of an attempt.
    private record Fate(Outcome outcome, int seconds) {}

    private static final Map<String, Fate> FATES =
            new TreeMap<>(
                    Map.of(
                            "quick@far.example", new Fate(Outcome.PERMFAIL, 1),
                            "slow@far.example", new Fate(Outcome.PERMFAIL, 20),
                            "loop@far.example", new Fate(Outcome.LOOP, 2),
                            "disk@here.example", new Fate(Outcome.PERMFAIL, 3),
                            "round@here.example", new Fate(Outcome.LOOP, 0),
                            "fine@far.example", new Fate(Outcome.OK, 5),
                            "late@far.example", new Fate(Outcome.TEMPFAIL, 4)));

    private static final Set<String> FAILED =
            FATES.entrySet().stream()
                    .filter(it ->
                            it.getValue().outcome() == Outcome.PERMFAIL
                                    || it.getValue().outcome() == Outcome.LOOP)
                    .map(Map.Entry::getKey)
                    .collect(Collectors.toSet());

    private final Store store = MailStore.plain(new RamStore(10_000_000));
    private final Map<MsgId, List<String>> reports = new LinkedHashMap<>();
    private Instant now = QueueRig.START;
    private int life;
    private int steps;

    /// One life of the queue, and of all that forget what they had when it dies.
    private final class Life implements Agenda {
        private final FakePeer<QueueToSmtp, SmtpToQueue> smtp = new FakePeer<>();
        private final FakePeer<QueueToLka, LkaToQueue> lka = new FakePeer<>();
        private final FakePeer<QueueToScheduler, SchedulerToQueue> scheduler = new FakePeer<>();
        private final FakePeer<QueueToMta, MtaToQueue> mta = new FakePeer<>();
        private final FakePeer<QueueToMda, MdaToQueue> mda = new FakePeer<>();
        private final PriorityQueue<Step> agenda = new PriorityQueue<>();
        private final Map<EvpId, ScheduleEntry> changeset = new LinkedHashMap<>();
        private final Map<EvpId, ScheduleEntry> known = new LinkedHashMap<>();
        private final QueueAgent agent;
        private long sequence;
        private int asked;

        private record Step(Instant when, long sequence, Runnable task)
                implements Comparable<Step> {
            @Override
            public int compareTo(Step other) {
                int byTime = when.compareTo(other.when);
                return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
            }
        }

        Life() {
            life++;
            Desk desk =
                    new Desk(
                            store,
                            this,
                            task -> after(Duration.ZERO, task),
                            task -> after(Duration.ZERO, task),
                            new SplittableRandom(life),
                            Statistics.NONE);
            agent =
                    new QueueAgent(
                            desk,
                            new QueuePeers(smtp, lka, scheduler, mta, mda),
                            new Aftermath(List.of(Duration.ofHours(4)), 0),
                            new Actions(Set.of("relay", "local"), Set.of()),
                            "mx.example");
            agent.fromMta().attached();
            agent.fromMda().attached();
        }

        @Override
        public Instant now() {
            return now;
        }

        @Override
        public void after(Duration delay, Runnable task) {
            agenda.add(new Step(now.plus(delay), sequence++, task));
        }

        /// Makes one step; false if there is nothing to be done before the retry of what was put
        /// off.
        boolean step() {
            Step next = agenda.poll();
            if (next == null) {
                return false;
            }
            now = next.when();
            next.task().run();
            steps++;
            scheduler.take().forEach(this::schedule);
            mta.take().forEach(this::relay);
            mda.take().forEach(this::deliver);
            while (asked < lka.asked.size()) {
                QueueToLka question = lka.asked.get(asked++);
                after(Duration.ofMillis(2), () -> expand(question));
            }
            return true;
        }

        private void schedule(QueueToScheduler word) {
            switch (word) {
                case QueueToScheduler.Submit it -> changeset.put(it.entry().id(), it.entry());
                case QueueToScheduler.CommitMessage it -> commit(it.msgid());
                case QueueToScheduler.RollbackMessage it ->
                        changeset.keySet().removeIf(id -> id.msgid().equals(it.msgid()));
                case QueueToScheduler.Delivered it -> known.remove(it.id());
                case QueueToScheduler.Deferred it -> {}
                case QueueToScheduler.Returned it -> handOut(List.of(it.id()));
                case QueueToScheduler.Hold _,
                        QueueToScheduler.Release _,
                        QueueToScheduler.Schedule _,
                        QueueToScheduler.Loaded _,
                        QueueToScheduler.Found _,
                        QueueToScheduler.Remembered _ -> {}
            }
        }

        private void commit(MsgId msgid) {
            Map<EvpId, ScheduleEntry> fresh = new LinkedHashMap<>();
            changeset.forEach((id, entry) -> {
                if (id.msgid().equals(msgid) && !known.containsKey(id)) {
                    fresh.put(id, entry);
                }
            });
            changeset.keySet().removeIf(id -> id.msgid().equals(msgid));
            known.putAll(fresh);
            handOut(
                    fresh.values().stream()
                            .filter(it -> it.retry() == 0)
                            .map(ScheduleEntry::id)
                            .toList());
        }

        private void handOut(List<EvpId> ids) {
            Map<DeliveryType, List<EvpId>> types = new TreeMap<>();
            for (EvpId id : ids) {
                ScheduleEntry entry = known.get(id);
                if (entry != null) {
                    types.computeIfAbsent(entry.type(), _ -> new ArrayList<>()).add(id);
                }
            }
            types.forEach((type, batch) ->
                    after(
                            Duration.ofMillis(1),
                            () ->
                                    agent.fromScheduler()
                                            .receive(
                                                    0, new SchedulerToQueue.Deliver(type, batch))));
        }

        private void relay(QueueToMta word) {
            if (word instanceof QueueToMta.Transfer it) {
                attempt(
                        it.envelopes(),
                        result -> agent.fromMta().receive(0, new MtaToQueue.Results(result)));
            }
        }

        private void deliver(QueueToMda word) {
            if (word instanceof QueueToMda.Deliver it) {
                attempt(
                        it.envelopes(),
                        result -> agent.fromMda().receive(0, new MdaToQueue.Results(result)));
            }
        }

        private void attempt(
                List<Envelope> envelopes, java.util.function.Consumer<List<DeliveryResult>> told) {
            for (Envelope envelope : envelopes) {
                Fate fate =
                        envelope.sender().isNull()
                                ? new Fate(Outcome.OK, 0)
                                : FATES.getOrDefault(
                                        envelope.dest().toString(), new Fate(Outcome.OK, 0));
                after(
                        Duration.ofSeconds(fate.seconds()),
                        () -> {
                            if (envelope.sender().isNull()) {
                                reports.put(envelope.msgid(), about(envelope.msgid()));
                            }
                            Esc status =
                                    new Esc(
                                            switch (fate.outcome()) {
                                                case OK -> 2;
                                                case TEMPFAIL -> 4;
                                                case PERMFAIL, LOOP -> 5;
                                            },
                                            1,
                                            1);
                            told.accept(
                                    List.of(
                                            new DeliveryResult(
                                                    envelope.id(),
                                                    fate.outcome(),
                                                    status,
                                                    "so",
                                                    false)));
                        });
            }
        }

        private void expand(QueueToLka question) {
            if (question instanceof QueueToLka.ExpandReport it) {
                MsgId msgid = it.query().msgid();
                Envelope envelope =
                        QueueRig.envelope(msgid, "", it.query().rcpt().toString(), Dsn.NONE);
                agent.fromLka().receive(9, new LkaToQueue.AddEnvelopes(msgid, List.of(envelope)));
                lka.reply(new LkaToQueue.ReportExpanded(List.of()));
            }
        }
    }

    private List<String> about(MsgId report) {
        StringBuilder text = new StringBuilder();
        try (Content content = store.content(report).orElseThrow()) {
            while (content.next() instanceof Piece.Chunk(var bytes)) {
                text.append(bytes.utf8());
            }
        }
        return text.toString()
                .lines()
                .filter(line -> line.startsWith(FINAL))
                .map(line -> line.substring(FINAL.length()))
                .toList();
    }

    /// Accepts the message in a store of its own, and forgets who did.
    private void accept() {
        QueueRig rig = new QueueRig(store);
        MsgId msgid = rig.begin();
        for (String rcpt : FATES.keySet()) {
            rig.add(msgid, QueueRig.envelope(msgid, "a@b.example", rcpt, Dsn.NONE));
        }
        rig.body(msgid, QueueRig.CONTENT);
        rig.commit(msgid, QueueRig.CONTENT);
        rig.settle();
    }

    /// Lives until there is nothing to do, killed once after so many steps.
    private void live(int killAfter) {
        Life first = begin();
        while (steps < killAfter && first.step()) {}
        if (steps < killAfter) {
            return;
        }
        Life second = begin();
        while (second.step()) {}
    }

    private Life begin() {
        Life life = new Life();
        life.after(
                Duration.ofMillis(500),
                () -> life.agent.fromScheduler().receive(0, new SchedulerToQueue.Resubmit(false)));
        return life;
    }

    private static ReportCrashTest run(int killAfter) {
        ReportCrashTest world = new ReportCrashTest();
        world.accept();
        world.live(killAfter);
        return world;
    }

    @Test
    @DisplayName("F-87: every way to fail in one report, whenever the queue is killed in between")
    void oneReportWheneverTheQueueIsKilled() {
        int all = run(Integer.MAX_VALUE).steps;
        assertTrue(all > 40, "only " + all + " steps");
        for (int kill = 0; kill < all; kill++) {
            ReportCrashTest world = run(kill);
            String where = "killed after step " + kill + ": " + world.reports;
            assertEquals(1, world.reports.size(), where);
            List<String> about = world.reports.values().iterator().next();
            assertEquals(
                    FAILED.stream().sorted().toList(), about.stream().sorted().toList(), where);
            assertEquals(List.of("late@far.example"), world.left(), where);
        }
    }

    private List<String> left() {
        List<String> left = new ArrayList<>();
        try (var cursor = store.walk()) {
            for (var next = cursor.next(); next.isPresent(); next = cursor.next()) {
                left.add(next.get().dest().toString());
            }
        }
        return left;
    }

    @Test
    @DisplayName("F-87: killed at two steps, each recipient is still reported exactly once")
    void eachRecipientOnceWhereverItIsKilledTwice() {
        SplittableRandom random = new SplittableRandom(3);
        int all = run(Integer.MAX_VALUE).steps;
        Function<Integer, ReportCrashTest> twice =
                _ -> {
                    ReportCrashTest world = new ReportCrashTest();
                    world.accept();
                    Life life = world.begin();
                    for (int n = random.nextInt(all); n > 0 && life.step(); n--) {}
                    life = world.begin();
                    for (int n = random.nextInt(all); n > 0 && life.step(); n--) {}
                    life = world.begin();
                    while (life.step()) {}
                    return world;
                };
        for (ReportCrashTest world : IntStream.range(0, 300).boxed().map(twice).toList()) {
            List<String> about = world.reports.values().stream().flatMap(List::stream).toList();
            assertEquals(
                    FAILED.stream().sorted().toList(),
                    about.stream().sorted().toList(),
                    world.reports.toString());
        }
    }

    @Test
    void aRecipientThatWaitsForItsNextAttemptHoldsNothingUp() {
        ReportCrashTest world = run(Integer.MAX_VALUE);
        assertTrue(
                Duration.between(QueueRig.START, world.now).toSeconds() < 30, world.now.toString());
        assertEquals(
                0,
                world.reports.keySet().stream()
                        .filter(id -> world.store.content(id).isPresent())
                        .count());
    }

    @Test
    void nobodyWaitsLongerThanTheWindow() {
        QueueRig rig = new QueueRig();
        rig.agent.fromMta().attached();
        List<EvpId> ids = rig.accept("a@b.example", Dsn.NONE, "c@d.example", "never@d.example");
        rig.deliver(DeliveryType.MTA, ids);
        rig.report(List.of(ids.getFirst()), Outcome.PERMFAIL, "550 no");
        rig.settle();
        rig.deliver(DeliveryType.BOUNCE, rig.submitted());
        rig.pass(Gathering.QUIET.multipliedBy(Gathering.WINDOW - 1));
        assertEquals(0, rig.lka.asked.size());
        rig.pass(Gathering.QUIET);
        assertEquals(1, rig.lka.asked.size());
        assertTrue(rig.store.load(ids.getLast()) instanceof Loaded.Found);
    }
}
