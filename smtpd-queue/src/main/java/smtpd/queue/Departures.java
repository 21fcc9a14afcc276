package smtpd.queue;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.imsg.DeliveryResult;
import smtpd.core.imsg.QueueToMda;
import smtpd.core.imsg.QueueToMta;
import smtpd.core.imsg.QueueToScheduler;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.mail.Delay;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Envelope.Target;
import smtpd.core.mail.Esc;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;
import smtpd.core.mail.Outcome;
import smtpd.queue.store.Content;
import smtpd.queue.store.Loaded;
import smtpd.queue.store.Refused;
import smtpd.queue.store.StoreTx;
import smtpd.queue.store.StoreTx.StateUpdate;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/// Envelopes the scheduler wants something done with: handed to a deliverer, expired, removed or
/// held.
final class Departures {
    private static final Logger LOG = LoggerFactory.getLogger(Departures.class);

    private static final Esc DAMAGED = new Esc(4, 3, 0);

    /// When an envelope that could not be read is tried again: a descriptor may be free by then.
    private static final Duration READ_AGAIN = Duration.ofSeconds(10);

    private final Desk desk;
    private final QueuePeers peers;
    private final Inflight inflight;
    private final Results results;
    private final Reports reports;
    private final Aftermath aftermath;
    private final Actions actions;
    private final Map<DeliveryType, List<List<Envelope>>> waiting = new LinkedHashMap<>();
    private final Set<DeliveryType> attached = new LinkedHashSet<>();

    Departures(
            Desk desk,
            QueuePeers peers,
            Inflight inflight,
            Results results,
            Reports reports,
            Rules rules) {
        this.desk = desk;
        this.peers = peers;
        this.inflight = inflight;
        this.results = results;
        this.reports = reports;
        aftermath = rules.aftermath();
        actions = rules.actions();
    }

    /// What the configuration says about departing envelopes.
    ///
    /// @param aftermath what follows an attempt
    /// @param actions what is configured
    record Rules(Aftermath aftermath, Actions actions) {}

    /// A batch is due: envelopes of one message that are delivered together.
    void deliver(SchedulerToQueue.Deliver it) {
        if (storeFailed()) {
            it.envelopes().forEach(id -> peers.scheduler().send(new QueueToScheduler.Returned(id)));
            return;
        }
        List<Envelope> batch = load(it.envelopes());
        List<Envelope> stranded = batch.stream().filter(this::isStranded).toList();
        if (!stranded.isEmpty()) {
            refuse(
                    stranded,
                    "action " + stranded.getFirst().target().dispatcher() + " is not configured");
            batch = batch.stream().filter(envelope -> !isStranded(envelope)).toList();
        }
        if (batch.isEmpty()) {
            return;
        }
        batch.forEach(inflight::add);
        switch (it.type()) {
            case BOUNCE -> reports.due(batch);
            case MTA, MDA -> {
                if (attached.contains(it.type())) {
                    offer(it.type(), batch);
                } else {
                    waiting.computeIfAbsent(it.type(), _ -> new ArrayList<>()).add(batch);
                }
            }
        }
    }

    /// Nothing leaves a store that cannot record that it has left: it would leave again after the
    /// restart.
    private boolean storeFailed() {
        Optional<Refused> refusal = desk.store().status().refusal();
        return refusal.isPresent() && refusal.get().reason() == Refused.Reason.FAILED;
    }

    private boolean isStranded(Envelope envelope) {
        return !(envelope.target() instanceof Target.Bounce)
                && !actions.exists(envelope.target().dispatcher());
    }

    /// Tries again later: as if a deliverer had said so.
    private void refuse(List<Envelope> envelopes, String why) {
        LOG.warn(
                "warn: queue: {} envelope(s) of {}: {}",
                envelopes.size(),
                envelopes.getFirst().msgid(),
                why);
        envelopes.forEach(inflight::add);
        DeliveryType type = envelopes.getFirst().type();
        results.reported(
                type,
                envelopes.stream()
                        .map(it ->
                                new DeliveryResult(it.id(), Outcome.TEMPFAIL, DAMAGED, why, false))
                        .toList());
    }

    /// Hands a batch out, unless it is under suspicion and another suspect is out.
    private void offer(DeliveryType type, List<Envelope> batch) {
        if (results.suspects(type).mayGo(batch)) {
            hand(type, batch);
            reported(type);
        }
    }

    /// Something came back from a deliverer: the next suspect may go. One whose content cannot be
    /// read does not get there, and makes room for the one behind it at once.
    void reported(DeliveryType type) {
        Optional<List<Envelope>> next = results.suspects(type).next();
        while (next.isPresent()) {
            hand(type, next.get());
            next = results.suspects(type).next();
        }
    }

    private void hand(DeliveryType type, List<Envelope> batch) {
        MsgId msgid = batch.getFirst().msgid();
        Optional<Content> content = desk.store().content(msgid);
        if (content.isEmpty()) {
            refuse(batch, "content cannot be read");
            return;
        }
        long size;
        try (Content it = content.get()) {
            size = it.size();
        }
        switch (type) {
            case MTA -> peers.mta().send(new QueueToMta.Transfer(msgid, size, batch));
            case MDA -> peers.mda().send(new QueueToMda.Deliver(msgid, size, batch));
            case BOUNCE -> throw new IllegalArgumentException("a report has no deliverer");
        }
    }

    /// A deliverer is there: it is handed what waited for it.
    void delivererAttached(DeliveryType type) {
        attached.add(type);
        List<List<Envelope>> batches = waiting.remove(type);
        if (batches != null) {
            batches.forEach(batch -> offer(type, batch));
        }
    }

    /// A deliverer died: what it had is free again.
    void delivererLost(DeliveryType type) {
        attached.remove(type);
        waiting.remove(type);
        results.delivererLost(type);
    }

    /// They were in the queue too long.
    void expire(SchedulerToQueue.Expire it) {
        List<Envelope> envelopes = load(it.envelopes());
        Instant now = desk.agenda().now();
        envelopes.forEach(envelope -> log("Expire", envelope, "Envelope expired"));
        results.ended(envelopes, envelope -> aftermath.expired(envelope, now));
    }

    /// The operator does not want them any more.
    void remove(SchedulerToQueue.Remove it) {
        List<Envelope> envelopes = load(it.envelopes());
        envelopes.forEach(envelope -> log("Remove", envelope, "Removed by administrator"));
        results.ended(envelopes, _ -> Optional.empty());
    }

    /// The operator holds or releases them.
    void suspend(SchedulerToQueue.Suspend it) {
        remember(it.envelopes(), state -> state.withSuspended(it.on()));
        peers.scheduler().send(new QueueToScheduler.Remembered());
    }

    /// The operator gives them more time.
    void extend(SchedulerToQueue.Extend it) {
        remember(it.envelopes(), state -> state.extended(it.by()));
        peers.scheduler().send(new QueueToScheduler.Remembered());
    }

    private void remember(List<EvpId> ids, UnaryOperator<Envelope.State> decision) {
        List<StateUpdate> updates = new ArrayList<>();
        for (Envelope stored : find(ids)) {
            Envelope envelope = inflight.find(stored.id()).orElse(stored);
            Envelope changed = envelope.with(decision.apply(envelope.state()));
            inflight.changed(changed);
            updates.add(new StateUpdate(changed.id(), changed.state()));
        }
        desk.commit(
                StoreTx.results(updates, List.of()),
                result -> {
                    if (result instanceof Refused refused) {
                        LOG.warn("warn: queue: decision not remembered: {}", refused.text());
                    }
                });
    }

    /// Loads envelopes that are not in hand; the end of those that are will be told to the
    /// scheduler, which knows them if it hands them out.
    private List<Envelope> load(List<EvpId> ids) {
        return find(ids.stream().filter(id -> !inflight.isHandedOutAgain(id)).toList());
    }

    /// Loads envelopes; the scheduler is told of those that do not exist any more.
    private List<Envelope> find(List<EvpId> ids) {
        List<Envelope> envelopes = new ArrayList<>(ids.size());
        for (EvpId id : ids) {
            switch (desk.store().load(id)) {
                case Loaded.Found(Envelope envelope) -> envelopes.add(envelope);
                case Loaded.Absent _ -> peers.scheduler().send(new QueueToScheduler.Delivered(id));
                case Refused refused -> unreadable(id, refused);
            }
        }
        return envelopes;
    }

    /// A damaged envelope is set aside by the store; one that cannot be read now is tried again a
    /// little later.
    private void unreadable(EvpId id, Refused refused) {
        LOG.warn("warn: queue: envelope {}: {}", id, refused.text());
        if (refused.reason() == Refused.Reason.DAMAGED) {
            peers.scheduler().send(new QueueToScheduler.Delivered(id));
        } else {
            desk.agenda()
                    .after(
                            READ_AGAIN,
                            () -> peers.scheduler().send(new QueueToScheduler.Returned(id)));
        }
    }

    private void log(String what, Envelope envelope, String why) {
        String who = envelope.target() instanceof Target.Mta ? "relay" : "delivery";
        LOG.info(
                "{}: {} for {}: from=<{}>, to=<{}>, rcpt=<{}>, delay={}, stat={}",
                who,
                what,
                envelope.id(),
                envelope.sender(),
                envelope.dest(),
                envelope.rcpt().equals(envelope.dest()) ? "-" : envelope.rcpt(),
                Delay.text(Duration.between(envelope.created(), desk.agenda().now())),
                why);
    }
}
