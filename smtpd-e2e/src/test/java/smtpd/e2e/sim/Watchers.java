package smtpd.e2e.sim;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.DeliveryResult;
import smtpd.core.imsg.LkaToQueue;
import smtpd.core.imsg.MdaToQueue;
import smtpd.core.imsg.MtaToQueue;
import smtpd.core.imsg.QueueToLka;
import smtpd.core.imsg.QueueToMda;
import smtpd.core.imsg.QueueToMta;
import smtpd.core.imsg.QueueToScheduler;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;
import smtpd.core.mail.Outcome;
import smtpd.queue.store.Loaded;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Listens at the links for what no process may say.
final class Watchers {
    private final MailWorld at;
    private final Set<EvpId> inflight = new LinkedHashSet<>();
    private List<Envelope> adding = List.of();
    private int schedulerLife;

    Watchers(MailWorld at) {
        this.at = at;
    }

    void watch() {
        at.schedulerQueue.left().onSaying(this::schedulerSays);
        at.schedulerQueue.left().onHearing(this::schedulerHears);
        at.schedulerQueue.right().onHearing(this::queueHears);
        at.lkaQueue.right().onHearing(this::lkaSaid);
        at.lkaQueue.right().onSaying(this::lkaIsTold);
        at.mtaQueue
                .right()
                .onSaying(message -> {
                    if (message instanceof QueueToMta.Transfer it) {
                        handedOut(it.msgid(), it.envelopes());
                    }
                });
        at.mdaQueue
                .right()
                .onSaying(message -> {
                    if (message instanceof QueueToMda.Deliver it) {
                        handedOut(it.msgid(), it.envelopes());
                    }
                });
        at.mtaQueue
                .right()
                .onHearing(message -> {
                    if (message instanceof MtaToQueue.Results it) {
                        it.results().forEach(this::ended);
                    }
                });
        at.mdaQueue
                .right()
                .onHearing(message -> {
                    if (message instanceof MdaToQueue.Results it) {
                        it.results().forEach(this::ended);
                    }
                });
    }

    /// What a report says counts from here on, whether a session comes to read it or not.
    private void handedOut(MsgId msgid, List<Envelope> envelopes) {
        byte @Nullable [] content = at.content(msgid);
        if (content != null) {
            envelopes.forEach(envelope -> at.ledger.read(envelope, content));
        }
    }

    private void schedulerSays(SchedulerToQueue message) {
        if (message instanceof SchedulerToQueue.Resubmit || schedulerLife != at.scheduler.life()) {
            inflight.clear();
            schedulerLife = at.scheduler.life();
        }
        if (message instanceof SchedulerToQueue.Deliver it) {
            for (EvpId id : it.envelopes()) {
                if (!inflight.add(id)) {
                    at.ledger.violation("scheduler hands out twice: " + id);
                }
            }
            if (inflight.size() > at.plan.limits().scheduler().maxInflight()) {
                at.ledger.violation("max-inflight exceeded: " + inflight.size());
            }
        }
    }

    /// The mta has seen its destination take mail again: the schedule is not waited for.
    private void mayComeEarly(EvpId id) {
        Rcpt rcpt = at.ledger.of(id);
        if (rcpt != null) {
            rcpt.scheduled = true;
        }
    }

    private void schedulerHears(QueueToScheduler message) {
        switch (message) {
            case QueueToScheduler.Delivered it -> inflight.remove(it.id());
            case QueueToScheduler.Deferred it -> inflight.remove(it.id());
            case QueueToScheduler.Returned it -> inflight.remove(it.id());
            case QueueToScheduler.Hold it -> inflight.remove(it.id());
            case QueueToScheduler.Submit _,
                    QueueToScheduler.CommitMessage _,
                    QueueToScheduler.RollbackMessage _,
                    QueueToScheduler.Release _,
                    QueueToScheduler.Loaded _,
                    QueueToScheduler.Found _,
                    QueueToScheduler.Remembered _ -> {}
            case QueueToScheduler.Schedule it -> mayComeEarly(it.id());
        }
    }

    private void queueHears(SchedulerToQueue message) {
        SteppedStore store = at.store;
        if (store == null) {
            return;
        }
        switch (message) {
            case SchedulerToQueue.Deliver it -> {
                for (EvpId id : it.envelopes()) {
                    if (store.load(id) instanceof Loaded.Absent) {
                        at.ledger.violation("scheduler hands out what the queue has not: " + id);
                    }
                }
            }
            case SchedulerToQueue.Expire it -> it.envelopes().forEach(this::expired);
            case SchedulerToQueue.Remove _,
                    SchedulerToQueue.Suspend _,
                    SchedulerToQueue.Extend _,
                    SchedulerToQueue.Resubmit _,
                    SchedulerToQueue.More _ -> {}
        }
    }

    private void expired(EvpId id) {
        Rcpt rcpt = at.ledger.of(id);
        if (rcpt == null) {
            return;
        }
        rcpt.expired = at.world.nanos();
        Instant created = rcpt.created;
        boolean early =
                created != null
                        && at.world.time().isBefore(created.plus(at.plan.ttl()).minusMillis(1));
        if (early && !at.plan.faults().clock()) {
            at.ledger.violation(rcpt.dest + " expires too early");
        }
        if (at.plan.faults().clock() && early && !rcpt.tried) {
            Duration age = Duration.between(created, at.world.time());
            at.ledger.violation(rcpt.dest + " expires untried after " + age);
        }
    }

    private void lkaSaid(LkaToQueue message) {
        if (message instanceof LkaToQueue.AddEnvelopes it) {
            adding = it.envelopes();
        }
    }

    private void lkaIsTold(QueueToLka message) {
        switch (message) {
            case QueueToLka.EnvelopesAdded it -> at.ledger.added(adding, it.envelopes());
            case QueueToLka.EnvelopesRefused _, QueueToLka.ExpandReport _ -> {}
        }
    }

    private void ended(DeliveryResult result) {
        Rcpt rcpt = at.ledger.of(result.id());
        if (rcpt != null) {
            rcpt.tried = true;
        }
        boolean forGood = result.outcome() == Outcome.PERMFAIL || result.outcome() == Outcome.LOOP;
        if (rcpt != null && forGood) {
            rcpt.failed = true;
        }
    }
}
