package smtpd.queue;

import org.jspecify.annotations.Nullable;

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
/// One that starts empty is submitted everything; what was committed meanwhile may come twice, and
/// is taken only once. One that compares is told in the order of ids. Both ask for each further
/// step, so that no more than one is under way: millions of envelopes would fill the link's memory.
final class Loader {
    /// Envelopes of one step.
    static final int STEP = 1000;

    private final Desk desk;
    private final Actions actions;
    private final Peer<QueueToScheduler, ?> scheduler;
    private final Inflight inflight;
    private @Nullable Run run;

    /// One load.
    private record Run(EnvelopeCursor cursor, boolean ordered) {}

    Loader(Desk desk, Peer<QueueToScheduler, ?> scheduler, Inflight inflight, Actions actions) {
        this.actions = actions;
        this.desk = desk;
        this.scheduler = scheduler;
        this.inflight = inflight;
    }

    /// Begins anew; an earlier run ends.
    ///
    /// @param ordered by id
    void start(boolean ordered) {
        end();
        EnvelopeCursor cursor = ordered ? desk.store().list(Optional.empty()) : desk.store().walk();
        Run begun = new Run(cursor, ordered);
        run = begun;
        desk.reader().execute(() -> step(begun));
    }

    /// The scheduler has taken in a step.
    void more() {
        Run current = run;
        if (current != null) {
            desk.reader().execute(() -> step(current));
        }
    }

    private void end() {
        Run before = run;
        run = null;
        if (before != null) {
            desk.reader().execute(before.cursor::close);
        }
    }

    /// Reads one step elsewhere and submits it here.
    private void step(Run of) {
        List<ScheduleEntry> entries = new ArrayList<>(STEP);
        boolean more = true;
        while (more && entries.size() < STEP) {
            Optional<Envelope> next = of.cursor.next();
            next.ifPresent(envelope -> entries.add(actions.entry(envelope)));
            more = next.isPresent();
        }
        boolean last = !more;
        desk.agent().execute(() -> take(of, entries, last));
    }

    @SuppressWarnings("ReferenceEquality") // this run, not its like
    private void take(Run of, List<ScheduleEntry> entries, boolean last) {
        if (of != run) {
            return;
        }
        if (of.ordered) {
            find(entries);
        } else {
            submit(entries);
        }
        if (last) {
            end();
            inflight.schedulerLoaded();
            scheduler.send(new QueueToScheduler.Loaded());
        } else if (!of.ordered) {
            // asks for more, like the others
            scheduler.send(new QueueToScheduler.Found(List.of(), List.of()));
        }
    }

    private void find(List<ScheduleEntry> entries) {
        List<ScheduleEntry> free = new ArrayList<>(entries.size());
        List<EvpId> inHand = new ArrayList<>();
        for (ScheduleEntry entry : entries) {
            if (inflight.isToldOtherwise(entry.id())) {
                inHand.add(entry.id());
            } else {
                free.add(entry);
            }
        }
        if (!entries.isEmpty()) {
            inflight.schedulerLoaded(entries.getLast().id());
            scheduler.send(new QueueToScheduler.Found(free, inHand));
        }
    }

    private void submit(List<ScheduleEntry> entries) {
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
    }
}
