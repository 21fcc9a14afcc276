package smtpd.queue;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.imsg.DeliveryResult;
import smtpd.core.imsg.QueueToScheduler;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Envelope.State;
import smtpd.core.mail.Esc;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.Outcome;
import smtpd.core.stat.Statistics;
import smtpd.queue.store.Refused;
import smtpd.queue.store.StoreResult;
import smtpd.queue.store.StoreTx;
import smtpd.queue.store.StoreTx.StateUpdate;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// Records how attempts ended: one durable change for many results, then word to the scheduler.
final class Results {
    private static final Logger LOG = LoggerFactory.getLogger(Results.class);

    /// When a result that the disk had no room for is recorded again.
    static final Duration RECORD_AGAIN = Duration.ofSeconds(5);

    private final Desk desk;
    private final Actions actions;
    private final QueuePeers peers;
    private final Inflight inflight;
    private final Aftermath aftermath;
    private final Map<DeliveryType, Suspects> suspects = new EnumMap<>(DeliveryType.class);

    /// Who was with a deliverer when it died.
    Suspects suspects(DeliveryType type) {
        return suspects.computeIfAbsent(type, _ -> new Suspects());
    }

    Results(Desk desk, QueuePeers peers, Inflight inflight, Aftermath aftermath, Actions actions) {
        this.actions = actions;
        this.desk = desk;
        this.peers = peers;
        this.inflight = inflight;
        this.aftermath = aftermath;
    }

    /// What is to be recorded of one envelope, and what follows once it is durable.
    private final class Step {
        private final List<Envelope> add = new ArrayList<>();
        private final List<StateUpdate> update = new ArrayList<>();
        private final List<EvpId> remove = new ArrayList<>();
        private final List<Runnable> after = new ArrayList<>();

        /// The envelope has come to its end.
        private Step gone(Envelope envelope, Optional<Envelope> report) {
            remove.add(envelope.id());
            report.ifPresent(this::addReport);
            after.add(() -> {
                inflight.back(envelope.id());
                peers.scheduler().send(new QueueToScheduler.Delivered(envelope.id()));
            });
            return this;
        }

        /// The envelope is tried again.
        private Step again(Envelope envelope, Aftermath.Fate.Again fate) {
            Envelope later = envelope.with(fate.state());
            inflight.changed(later);
            update.add(new StateUpdate(later.id(), fate.state()));
            fate.warning().ifPresent(this::addReport);
            after.add(() -> back(later));
            return this;
        }

        private void addReport(Envelope report) {
            Envelope made =
                    report.withId(desk.store().newEnvelopeId(report.msgid(), desk.random()));
            add.add(made);
            after.add(() -> submit(made));
        }

        private boolean mustBeRecorded() {
            return !add.isEmpty() || !remove.isEmpty();
        }
    }

    /// Makes steps durable, all at once if the disk has room for that.
    private void record(List<Step> steps) {
        StoreTx tx =
                new StoreTx(
                        Optional.empty(),
                        steps.stream().flatMap(step -> step.add.stream()).toList(),
                        steps.stream().flatMap(step -> step.update.stream()).toList(),
                        steps.stream().flatMap(step -> step.remove.stream()).toList());
        desk.commit(
                tx,
                result -> {
                    switch (result) {
                        case StoreResult.Done _ ->
                                steps.forEach(step -> step.after.forEach(Runnable::run));
                        case Refused refused -> notRecorded(steps, refused);
                    }
                });
    }

    /// What must not be forgotten stays in hand until it is recorded: what is small may fit where
    /// all together do not, and a full disk is emptied some day. A store that has failed records
    /// nothing until the restart, which tries everything again that has no recorded end.
    private void notRecorded(List<Step> steps, Refused refused) {
        LOG.warn("warn: queue: {} result(s) not recorded: {}", steps.size(), refused.text());
        if (refused.reason() == Refused.Reason.FAILED) {
            return;
        }
        if (steps.size() > 1) {
            steps.forEach(step -> record(List.of(step)));
        } else if (steps.getFirst().mustBeRecorded()) {
            desk.agenda().after(RECORD_AGAIN, () -> record(steps));
        } else {
            steps.getFirst().after.forEach(Runnable::run);
        }
    }

    /// A deliverer reports.
    void reported(DeliveryType from, List<DeliveryResult> results) {
        List<Step> steps = new ArrayList<>(results.size());
        for (DeliveryResult result : results) {
            inflight.settle(result.id(), from)
                    .ifPresentOrElse(
                            envelope -> {
                                suspects(from).survived(envelope.id());
                                steps.add(settle(envelope, result));
                            },
                            () -> LOG.debug("debug: stale result for {}", result.id()));
        }
        if (!steps.isEmpty()) {
            record(steps);
        }
    }

    private Step settle(Envelope envelope, DeliveryResult result) {
        count(envelope, result.outcome());
        return switch (aftermath.of(envelope, result, desk.agenda().now())) {
            case Aftermath.Fate.Gone(Optional<Envelope> report) ->
                    new Step().gone(envelope, report);
            case Aftermath.Fate.Again again -> new Step().again(envelope, again);
        };
    }

    private void count(Envelope envelope, Outcome outcome) {
        String word =
                switch (outcome) {
                    case OK -> "ok";
                    case TEMPFAIL -> "tempfail";
                    case PERMFAIL -> "permfail";
                    case LOOP -> "loop";
                };
        Statistics statistics = desk.statistics();
        statistics.increment("scheduler.delivery." + word);
        String domain = envelope.rcpt().domain();
        statistics.increment("delivery." + word + ".domain", domain);
        if (isOurs(envelope)) {
            statistics.increment("delivery." + word + ".virtual-host", domain);
        }
        if (outcome == Outcome.OK) {
            Instant now = desk.agenda().now();
            Duration delay = Duration.between(envelope.created(), now);
            statistics.observe("delivery.delay", TimeUnit.MILLISECONDS.toMicros(delay.toMillis()));
            statistics.ratio("delivery.first-try", envelope.state().retry() == 0 ? 1 : 0, 1);
            statistics.stamp("delivery.last-ok", now);
        }
    }

    /// Whether we are where mail for the recipient's domain ends: it is delivered here, or goes on
    /// to another address.
    private static boolean isOurs(Envelope envelope) {
        return switch (envelope.target()) {
            case Envelope.Target.Mda _ -> true;
            case Envelope.Target.Mta _ -> !envelope.rcpt().equals(envelope.dest());
            case Envelope.Target.Bounce _ -> false;
        };
    }

    /// Envelopes come to their end without an attempt: expired, removed, or a report that cannot be
    /// sent.
    ///
    /// @param reports for each envelope the report owed, if any
    void ended(List<Envelope> envelopes, Function<Envelope, Optional<Envelope>> reports) {
        List<Step> steps = new ArrayList<>(envelopes.size());
        for (Envelope envelope : envelopes) {
            if (!inflight.contains(envelope.id())) {
                inflight.add(envelope);
            }
            inflight.settle(envelope.id(), envelope.type())
                    .ifPresent(it -> steps.add(new Step().gone(it, reports.apply(it))));
        }
        if (!steps.isEmpty()) {
            record(steps);
        }
    }

    /// Remembers changed states of envelopes in hand and gives them back; where that is refused, an
    /// earlier state is remembered.
    void deferred(List<Envelope> envelopes) {
        envelopes.forEach(inflight::changed);
        List<StateUpdate> updates =
                envelopes.stream().map(it -> new StateUpdate(it.id(), it.state())).toList();
        desk.commit(StoreTx.results(updates, List.of()), _ -> envelopes.forEach(this::back));
    }

    /// An envelope waits for its next attempt.
    private void back(Envelope envelope) {
        if (inflight.back(envelope.id())) {
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
        peers.scheduler().send(new QueueToScheduler.Submit(actions.entry(envelope)));
        peers.scheduler().send(new QueueToScheduler.CommitMessage(envelope.msgid()));
    }

    /// The deliverer died: what it had is free again, and what waits for room with it waits no
    /// longer. Nobody knows what came of it, so the log names each: it may arrive twice. A message
    /// that keeps killing the deliverer is held.
    void delivererLost(DeliveryType type) {
        List<Envelope> inHand = inflight.settleAll(type);
        Suspects.Findings findings = suspects(type).died(inHand);
        for (Envelope envelope : inHand) {
            if (!findings.waiting().contains(envelope.id())) {
                LOG.warn(
                        "warn: queue: maybe-sent: envelope {} was with the deliverer ({}) when"
                                + " that died",
                        envelope.id(),
                        type.word());
            }
            if (findings.poison().contains(envelope.id())) {
                hold(envelope, "the delivering process died of it");
            } else {
                untried(envelope, new QueueToScheduler.Returned(envelope.id()));
            }
        }
        peers.scheduler().send(new QueueToScheduler.Release(type, 0, 0));
    }

    /// Keeps a poison envelope for the operator, and everybody else's mail going.
    void hold(Envelope envelope, String why) {
        LOG.warn(
                "warn: queue: envelope {} ({}) is held: {}",
                envelope.id(),
                envelope.type().word(),
                why);
        State old = envelope.state();
        Envelope held =
                envelope.with(
                        new State(
                                old.retry(),
                                old.lastTry(),
                                old.lastBounce(),
                                new Esc(4, 3, 0),
                                "held: " + why,
                                new Envelope.Operator(true, old.operator().more())));
        desk.commit(
                StoreTx.results(List.of(new StateUpdate(held.id(), held.state())), List.of()),
                _ -> {
                    inflight.back(held.id());
                    peers.scheduler().send(new QueueToScheduler.Delivered(held.id()));
                    submit(held);
                });
    }

    /// The destination is saturated.
    void held(DeliveryType from, List<EvpId> envelopes, long holdq) {
        for (EvpId id : envelopes) {
            inflight.settle(id, from)
                    .ifPresent(it -> {
                        suspects(from).survived(id);
                        untried(it, new QueueToScheduler.Hold(id, holdq));
                    });
        }
    }

    /// An envelope comes back as it was.
    private void untried(Envelope envelope, QueueToScheduler word) {
        if (inflight.back(envelope.id())) {
            peers.scheduler().send(word);
        } else {
            submit(envelope);
        }
    }
}
