package smtpd.queue;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.imsg.DeliveryResult;
import smtpd.core.imsg.QueueToScheduler;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.Outcome;
import smtpd.queue.store.Refused;
import smtpd.queue.store.StoreTx;
import smtpd.queue.store.StoreTx.StateUpdate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Records how attempts ended: one durable change for many results, then word to the scheduler.
final class Results {
    private static final Logger LOG = LoggerFactory.getLogger(Results.class);

    private final Desk desk;
    private final QueuePeers peers;
    private final Inflight inflight;
    private final Aftermath aftermath;

    Results(Desk desk, QueuePeers peers, Inflight inflight, Aftermath aftermath) {
        this.desk = desk;
        this.peers = peers;
        this.inflight = inflight;
        this.aftermath = aftermath;
    }

    /// One change of the store in the making, and what the scheduler is told once it is durable.
    private final class Change {
        private final List<Envelope> add = new ArrayList<>();
        private final List<StateUpdate> update = new ArrayList<>();
        private final List<EvpId> remove = new ArrayList<>();
        private final List<Runnable> after = new ArrayList<>();

        private void gone(Envelope envelope, Optional<Envelope> report) {
            remove.add(envelope.id());
            report.ifPresent(this::addReport);
            after.add(() -> peers.scheduler().send(new QueueToScheduler.Delivered(envelope.id())));
        }

        private void again(Inflight.Back back, Aftermath.Fate.Again fate) {
            Envelope later = back.envelope().with(fate.state());
            update.add(new StateUpdate(later.id(), fate.state()));
            fate.warning().ifPresent(this::addReport);
            after.add(() -> tellDeferred(later, back.scheduled()));
        }

        private void addReport(Envelope report) {
            Envelope made =
                    report.withId(desk.store().newEnvelopeId(report.msgid(), desk.random()));
            add.add(made);
            after.add(() -> submit(made));
        }

        private void commit() {
            StoreTx tx = new StoreTx(Optional.empty(), add, update, remove);
            desk.commit(
                    tx,
                    result -> {
                        if (result instanceof Refused refused) {
                            LOG.warn("warn: queue: results not recorded: {}", refused.text());
                        }
                        after.forEach(Runnable::run);
                    });
        }
    }

    /// A deliverer reports.
    void reported(DeliveryType from, List<DeliveryResult> results) {
        Change change = new Change();
        for (DeliveryResult result : results) {
            inflight.takeBack(result.id(), from)
                    .ifPresentOrElse(
                            back -> settle(change, back, result),
                            () -> LOG.debug("debug: stale result for {}", result.id()));
        }
        change.commit();
    }

    private void settle(Change change, Inflight.Back back, DeliveryResult result) {
        count(result.outcome());
        switch (aftermath.of(back.envelope(), result, desk.agenda().now())) {
            case Aftermath.Fate.Gone(Optional<Envelope> report) ->
                    change.gone(back.envelope(), report);
            case Aftermath.Fate.Again again -> change.again(back, again);
        }
    }

    private void count(Outcome outcome) {
        desk.statistics()
                .increment(
                        switch (outcome) {
                            case OK -> "scheduler.delivery.ok";
                            case TEMPFAIL -> "scheduler.delivery.tempfail";
                            case PERMFAIL -> "scheduler.delivery.permfail";
                            case LOOP -> "scheduler.delivery.loop";
                        });
    }

    /// Envelopes come to their end without an attempt: expired, removed, or a report that cannot be
    /// sent.
    ///
    /// @param reports for each envelope the report owed, if any
    void ended(
            List<Envelope> envelopes,
            java.util.function.Function<Envelope, Optional<Envelope>> reports) {
        Change change = new Change();
        for (Envelope envelope : envelopes) {
            change.gone(envelope, reports.apply(envelope));
        }
        change.commit();
    }

    /// Remembers changed states; the scheduler is told of each that it was deferred.
    void deferred(List<Envelope> envelopes) {
        List<StateUpdate> updates =
                envelopes.stream().map(it -> new StateUpdate(it.id(), it.state())).toList();
        desk.commit(
                StoreTx.results(updates, List.of()),
                _ -> envelopes.forEach(it -> tellDeferred(it, true)));
    }

    private void tellDeferred(Envelope envelope, boolean scheduled) {
        if (scheduled) {
            peers.scheduler()
                    .send(
                            new QueueToScheduler.Deferred(
                                    envelope.id(),
                                    envelope.state().retry(),
                                    envelope.state().lastTry()));
        } else {
            submit(envelope);
        }
    }

    /// Hands a committed envelope to the scheduler.
    void submit(Envelope envelope) {
        peers.scheduler().send(new QueueToScheduler.Submit(Entries.of(envelope)));
        peers.scheduler().send(new QueueToScheduler.CommitMessage(envelope.msgid()));
    }

    /// The deliverer died: what it had is free again.
    void delivererLost(DeliveryType type) {
        for (Inflight.Back back : inflight.takeAllBack(type)) {
            giveBack(back);
        }
    }

    private void giveBack(Inflight.Back back) {
        if (back.scheduled()) {
            peers.scheduler().send(new QueueToScheduler.Returned(back.envelope().id()));
        } else {
            submit(back.envelope());
        }
    }

    /// The destination is saturated.
    void held(DeliveryType from, List<EvpId> envelopes, long holdq) {
        for (EvpId id : envelopes) {
            inflight.takeBack(id, from)
                    .ifPresent(back -> {
                        if (back.scheduled()) {
                            peers.scheduler().send(new QueueToScheduler.Hold(id, holdq));
                        } else {
                            submit(back.envelope());
                        }
                    });
        }
    }
}
