package smtpd.scheduler;

import org.jspecify.annotations.Nullable;

import smtpd.core.conf.Limits;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.EvpId;

import java.util.ArrayList;
import java.util.List;

/// Forms the batches in which deliveries are handed out, within everybody's share.
final class Batches {
    /// Recipients in one delivery batch: as many as one SMTP session may give a message, so that
    /// these go out in one transaction. OpenSMTPD's `max-evp-batch-size` (256) bounds frames of
    /// many messages and would cut this short.
    static final int BATCH_MAX = 1000;

    /// A batch is cut to the room left by `max-inflight` only if this many fit: every server takes
    /// a transaction of 100 recipients, and more of them in one (RFC 5321 §4.5.3.1.8).
    static final int CUT_MIN = Group.SMALL_MAX;

    private final Limits.Scheduler limits;
    private final Turns turns;
    private final Shares shares;
    private final Timeline timeline;
    private final Pauses pauses;
    private @Nullable DeliveryType waiting;

    Batches(Limits.Scheduler limits, Turns turns, Shares shares, Timeline timeline, Pauses pauses) {
        this.limits = limits;
        this.turns = turns;
        this.shares = shares;
        this.timeline = timeline;
        this.pauses = pauses;
    }

    /// Nothing waits for room that has gone or is paused.
    void forgetWaiting() {
        DeliveryType type = waiting;
        if (type != null && (pauses.paused(type) || turns.line(type).front() == null)) {
            waiting = null;
        }
    }

    /// The next batch of a type. While a large batch waits for room nothing else is delivered, or
    /// small ones could keep it waiting for ever.
    @Nullable SchedulerToQueue next(DeliveryType type, long now) {
        if (pauses.paused(type) || (waiting != null && waiting != type)) {
            return null;
        }
        Group group = nextGroup(type);
        if (group == null) {
            waiting = waiting == type ? null : waiting;
            return null;
        }
        int batchMax = Math.max(BATCH_MAX, limits.maxEvpBatchSize());
        int whole = Math.min(group.ready(), Math.min(batchMax, limits.maxInflight()));
        int size = Math.min(whole, shares.room());
        if (size < whole && size < CUT_MIN) {
            waiting = type;
            return null;
        }
        waiting = null;
        turns.line(type).take();
        List<EvpId> ids = new ArrayList<>(size);
        attempt(group, size, ids, now);
        turns.line(type).served(group, size);
        if (type == DeliveryType.MTA) {
            addCompanions(group, batchMax, ids, now);
        }
        ids.sort(null);
        return new SchedulerToQueue.Deliver(type, ids);
    }

    /// The first group of a line that nobody's share is in the way of; the others are parked.
    private @Nullable Group nextGroup(DeliveryType type) {
        Line line = turns.line(type);
        if (line.front() == null) {
            shares.unpark(turns);
        }
        Group group;
        while ((group = line.front()) != null) {
            Flow obstacle = shares.obstacle(group);
            if (obstacle == null) {
                return group;
            }
            line.take();
            shares.park(obstacle, group);
            shares.follow(group, turns);
        }
        return null;
    }

    /// Adds the message's other remote destinations to a batch: they may turn out to have one mail
    /// exchanger, and then travel together.
    private void addCompanions(Group first, int batchMax, List<EvpId> ids, long now) {
        Flow message = first.message;
        Group group;
        while (message != null && (group = message.nextCompanion()) != null) {
            int room = Math.min(batchMax - ids.size(), shares.room());
            if (group.ready() > room) {
                return;
            }
            message.dropCompanion();
            if (shares.obstacle(group) == null) {
                attempt(group, group.ready(), ids, now);
            }
        }
    }

    private void attempt(Group group, int size, List<EvpId> ids, long now) {
        Entry entry;
        for (int left = size; left > 0 && (entry = group.firstReady()) != null; left--) {
            group.makeUnready(entry);
            timeline.remove(entry);
            entry.phase = Entry.Phase.INFLIGHT;
            entry.due = now;
            shares.begin(group);
            ids.add(entry.evpid());
        }
        shares.follow(group, turns);
    }

    void clear() {
        waiting = null;
    }
}
