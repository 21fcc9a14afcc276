package smtpd.queue;

import smtpd.core.imsg.QueueToScheduler;
import smtpd.core.imsg.ScheduleEntry;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;
import smtpd.core.proc.Peer;
import smtpd.queue.store.EnvelopeCursor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Tells a fresh scheduler of every envelope in the store, in steps, while the queue already
/// serves.
///
/// What was committed meanwhile may be submitted twice; the scheduler takes an envelope only once.
final class Loader {
    /// Envelopes of one step.
    private static final int STEP = 1000;

    private final Desk desk;
    private final Actions actions;
    private final Peer<QueueToScheduler, ?> scheduler;
    private final Inflight inflight;
    private int run;

    Loader(Desk desk, Peer<QueueToScheduler, ?> scheduler, Inflight inflight, Actions actions) {
        this.actions = actions;
        this.desk = desk;
        this.scheduler = scheduler;
        this.inflight = inflight;
    }

    /// Begins anew; an earlier run ends.
    void start() {
        int thisRun = ++run;
        EnvelopeCursor cursor = desk.store().walk();
        desk.reader().execute(() -> step(thisRun, cursor));
    }

    /// Reads one step elsewhere and submits it here.
    private void step(int thisRun, EnvelopeCursor cursor) {
        List<ScheduleEntry> entries = new ArrayList<>(STEP);
        boolean more = true;
        while (more && entries.size() < STEP) {
            Optional<Envelope> next = cursor.next();
            next.ifPresent(envelope -> entries.add(actions.entry(envelope)));
            more = next.isPresent();
        }
        boolean last = !more;
        if (last) {
            cursor.close();
        }
        desk.agent().execute(() -> submit(thisRun, cursor, entries, last));
    }

    private void submit(
            int thisRun, EnvelopeCursor cursor, List<ScheduleEntry> entries, boolean last) {
        if (thisRun != run) {
            return;
        }
        MsgId open = null;
        for (ScheduleEntry entry : entries) {
            EvpId id = entry.id();
            if (inflight.isToldOtherwise(id)) {
                continue;
            }
            if (open != null && !open.equals(id.msgid())) {
                scheduler.send(new QueueToScheduler.CommitMessage(open));
            }
            open = id.msgid();
            scheduler.send(new QueueToScheduler.Submit(entry));
        }
        if (open != null) {
            scheduler.send(new QueueToScheduler.CommitMessage(open));
        }
        if (last) {
            inflight.schedulerLoaded();
            scheduler.send(new QueueToScheduler.Loaded());
        } else {
            desk.reader().execute(() -> step(thisRun, cursor));
        }
    }
}
