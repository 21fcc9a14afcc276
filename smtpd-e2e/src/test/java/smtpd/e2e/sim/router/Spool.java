package smtpd.e2e.sim.router;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.DeliveryResult;
import smtpd.core.imsg.MtaToQueue;
import smtpd.core.imsg.QueueToMta;
import smtpd.core.imsg.QueueToScheduler;
import smtpd.core.imsg.ScheduleEntry;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;
import smtpd.core.proc.Inbox;
import smtpd.core.proc.Peer;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/// The queue between scheduler and mta, without a disk: one thing after the other, each envelope at
/// its cost.
final class Spool {
    private final Clockwork clock;
    private final Referee referee;
    private final Duration cost;
    private final Map<EvpId, Letter> letters = new HashMap<>();
    private final Set<EvpId> inflight = new HashSet<>();
    private @Nullable Inbox<QueueToScheduler> scheduler;
    private @Nullable Inbox<QueueToMta> mta;
    private Instant busyUntil = Instant.MIN;
    private int inflightMax;

    /// An envelope and how it fares.
    static final class Letter {
        final Envelope envelope;
        @Nullable Duration delay;
        int attempts;
        boolean expired;

        Letter(Envelope envelope) {
            this.envelope = envelope;
        }
    }

    /// @param cost what an envelope costs the queue each time it passes
    Spool(Clockwork clock, Referee referee, Duration cost) {
        this.clock = clock;
        this.referee = referee;
        this.cost = cost;
    }

    void connect(Inbox<QueueToScheduler> toScheduler, Inbox<QueueToMta> toMta) {
        scheduler = toScheduler;
        mta = toMta;
    }

    Map<EvpId, Letter> letters() {
        return letters;
    }

    int inflightMax() {
        return inflightMax;
    }

    private void tell(QueueToScheduler message) {
        if (scheduler != null) {
            scheduler.receive(0, message);
        }
    }

    void accept(List<Envelope> message) {
        work(
                message.size(),
                () -> {
                    for (Envelope envelope : message) {
                        letters.put(envelope.id(), new Letter(envelope));
                        tell(new QueueToScheduler.Submit(entry(envelope)));
                    }
                    tell(new QueueToScheduler.CommitMessage(message.getFirst().msgid()));
                });
    }

    private static ScheduleEntry entry(Envelope envelope) {
        return new ScheduleEntry(
                envelope.id(),
                DeliveryType.MTA,
                envelope.dest().domain(),
                envelope.created(),
                envelope.ttl(),
                0,
                Instant.EPOCH,
                false);
    }

    /// Does something when everything before it is done.
    private void work(int envelopes, Runnable task) {
        Instant now = clock.now();
        Instant start = busyUntil.isBefore(now) ? now : busyUntil;
        busyUntil = start.plus(cost.multipliedBy(envelopes));
        clock.after(Duration.between(now, busyUntil), task);
    }

    /// What the scheduler says.
    Peer<SchedulerToQueue, QueueToScheduler> fromScheduler() {
        return new OneWay<>(message -> {
            switch (message) {
                case SchedulerToQueue.Deliver it ->
                        work(it.envelopes().size(), () -> deliver(it.envelopes()));
                case SchedulerToQueue.Expire it ->
                        work(it.envelopes().size(), () -> it.envelopes().forEach(this::expire));
                case SchedulerToQueue.Resubmit _ ->
                        clock.after(Duration.ZERO, () -> tell(new QueueToScheduler.Loaded()));
                case SchedulerToQueue other -> throw new AssertionError("not here: " + other);
            }
        });
    }

    private void deliver(List<EvpId> ids) {
        List<Envelope> batch =
                ids.stream().map(letters::get).map(letter -> letter.envelope).toList();
        for (EvpId id : ids) {
            if (!inflight.add(id)) {
                referee.complain("handed out twice: " + id);
            }
        }
        inflightMax = Math.max(inflightMax, inflight.size());
        MsgId msgid = batch.getFirst().msgid();
        if (mta != null) {
            mta.receive(0, new QueueToMta.Transfer(msgid, 4000, batch));
        }
    }

    private void expire(EvpId id) {
        Letter letter = Objects.requireNonNull(letters.get(id));
        letter.expired = true;
        end(letter);
        tell(new QueueToScheduler.Delivered(id));
    }

    private void end(Letter letter) {
        if (letter.delay != null) {
            referee.complain("ended twice: " + letter.envelope.id());
        }
        letter.delay = Duration.between(letter.envelope.created(), clock.now());
    }

    /// What the mta says.
    Peer<MtaToQueue, QueueToMta> fromMta() {
        return new OneWay<>(message -> {
            switch (message) {
                case MtaToQueue.Results it ->
                        work(it.results().size(), () -> it.results().forEach(this::result));
                case MtaToQueue.Hold it ->
                        work(
                                0,
                                () ->
                                        it.envelopes()
                                                .forEach(id -> {
                                                    inflight.remove(id);
                                                    tell(new QueueToScheduler.Hold(id, it.holdq()));
                                                }));
                case MtaToQueue.Release it ->
                        work(
                                0,
                                () ->
                                        tell(
                                                new QueueToScheduler.Release(
                                                        DeliveryType.MTA, it.holdq(), it.count())));
                case MtaToQueue.Schedule it ->
                        it.envelopes().forEach(id -> tell(new QueueToScheduler.Schedule(id)));
                case MtaToQueue other -> throw new AssertionError("not here: " + other);
            }
        });
    }

    private void result(DeliveryResult result) {
        Letter letter = Objects.requireNonNull(letters.get(result.id()));
        if (!inflight.remove(result.id())) {
            referee.complain("a result for what was not handed out: " + result);
            return;
        }
        letter.attempts++;
        switch (result.outcome()) {
            case OK, PERMFAIL, LOOP -> {
                end(letter);
                tell(new QueueToScheduler.Delivered(result.id()));
            }
            case TEMPFAIL ->
                    tell(new QueueToScheduler.Deferred(result.id(), letter.attempts, clock.now()));
        }
    }

    /// A peer that only listens.
    private record OneWay<O, I>(Consumer<O> ear) implements Peer<O, I> {
        @Override
        public void send(O message) {
            ear.accept(message);
        }

        @Override
        public void answer(long request, O message) {
            ear.accept(message);
        }

        @Override
        public void ask(O request, Duration patience, Consumer<Answer<I>> then) {
            throw new AssertionError("nothing is asked");
        }
    }

    /// A peer that is told nothing.
    static <O, I> Peer<O, I> nobody() {
        return new OneWay<>(_ -> {});
    }
}
