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
import java.util.List;
import java.util.Objects;

/// The queue as a model: one thing after the other, each envelope at its cost.
final class ModelSpool extends Spool {
    private final Duration cost;
    private @Nullable Inbox<QueueToScheduler> scheduler;
    private @Nullable Inbox<QueueToMta> mta;
    private Instant busyUntil = Instant.MIN;

    /// @param cost what an envelope costs the queue each time it passes
    ModelSpool(Clockwork clock, Referee referee, Duration cost) {
        super(clock, referee);
        this.cost = cost;
    }

    @Override
    void connect(Inbox<QueueToScheduler> toScheduler, Inbox<QueueToMta> toMta) {
        scheduler = toScheduler;
        mta = toMta;
    }

    private void tell(QueueToScheduler message) {
        if (scheduler != null) {
            scheduler.receive(0, message);
        }
    }

    @Override
    void accept(List<Envelope> message) {
        work(
                message.size(),
                () -> {
                    for (Envelope envelope : message) {
                        accepted(envelope.id(), envelope);
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

    @Override
    Peer<SchedulerToQueue, QueueToScheduler> toScheduler() {
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
                ids.stream().map(id -> Objects.requireNonNull(letters().get(id)).envelope).toList();
        handedOut(ids);
        MsgId msgid = batch.getFirst().msgid();
        if (mta != null) {
            mta.receive(0, new QueueToMta.Transfer(msgid, 4000, batch));
        }
    }

    private void expire(EvpId id) {
        expired(id);
        tell(new QueueToScheduler.Delivered(id));
    }

    @Override
    Peer<MtaToQueue, QueueToMta> toMta() {
        return new OneWay<>(message -> {
            switch (message) {
                case MtaToQueue.Results it ->
                        work(it.results().size(), () -> it.results().forEach(this::result));
                case MtaToQueue.Hold it -> work(0, () -> hold(it));
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

    private void hold(MtaToQueue.Hold it) {
        held(it.envelopes());
        it.envelopes().forEach(id -> tell(new QueueToScheduler.Hold(id, it.holdq())));
    }

    private void result(DeliveryResult result) {
        if (!attempted(result)) {
            return;
        }
        switch (result.outcome()) {
            case OK, PERMFAIL, LOOP -> tell(new QueueToScheduler.Delivered(result.id()));
            case TEMPFAIL ->
                    tell(
                            new QueueToScheduler.Deferred(
                                    result.id(),
                                    Objects.requireNonNull(letters().get(result.id())).attempts,
                                    clock.now()));
        }
    }
}
