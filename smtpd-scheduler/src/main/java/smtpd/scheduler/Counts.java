package smtpd.scheduler;

import org.jspecify.annotations.Nullable;

import smtpd.core.stat.Statistics;

/// The statistics of the scheduler, under OpenSMTPD's keys where it has them.
///
/// Levels are reported when they change, so that a fresh control process learns them soon.
/// `scheduler.delivery.*` is counted by the queue, which knows the outcomes.
final class Counts {
    private final Statistics statistics;
    private @Nullable Census reported;

    Counts(Statistics statistics) {
        this.statistics = statistics;
    }

    void updated() {
        statistics.increment("scheduler.envelope.updated");
    }

    void expired(int count) {
        statistics.add("scheduler.envelope.expired", count);
    }

    void removed(int count) {
        statistics.add("scheduler.envelope.removed", count);
    }

    void holdOverflow() {
        statistics.increment("scheduler.ramqueue.hold-overflow");
    }

    /// Control starts anew: reports every level again that is not 0.
    void repeat() {
        Census now = reported;
        reported = null;
        if (now != null) {
            census(now);
        }
    }

    /// Reports the levels that differ from the last report.
    void census(Census now) {
        Census before = reported == null ? new Census(0, 0, 0, 0, 0, 0, 0) : reported;
        reported = now;
        level("scheduler.envelope", before.envelopes(), now.envelopes());
        level("scheduler.ramqueue.envelope", before.envelopes(), now.envelopes());
        level("scheduler.ramqueue.message", before.messages(), now.messages());
        level("scheduler.envelope.incoming", before.incoming(), now.incoming());
        level("scheduler.ramqueue.update", before.changesets(), now.changesets());
        level("scheduler.envelope.inflight", before.inflight(), now.inflight());
        level("scheduler.ramqueue.hold", before.held(), now.held());
        level("scheduler.ramqueue.holdq", before.holdQueues(), now.holdQueues());
    }

    private void level(String key, int before, int now) {
        if (before != now) {
            statistics.set(key, now);
        }
    }
}
