package smtpd.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jspecify.annotations.Nullable;

import smtpd.core.conf.Limits;
import smtpd.core.imsg.ScheduleEntry;
import smtpd.core.imsg.SchedulePhase;
import smtpd.core.imsg.ScheduleState;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.imsg.Selection;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/// The rules of the run queue in their simplest form: one list of envelopes, searched from end to
/// end each time. It judges what a run queue hands out.
final class Model {
    /// One committed envelope.
    static final class Known {
        final ScheduleEntry entry;
        final Instant created;
        String doing = "pending";
        long holdq;
        long holdOrder;
        Instant due;
        Instant lastTry = Instant.EPOCH;
        boolean suspended;
        boolean removed;
        boolean expired;
        boolean spared;
        int returns;

        Known(ScheduleEntry entry, Instant now) {
            this.entry = entry;
            due = now;
            boolean strange = entry.created().isBefore(now.minusSeconds(3600));
            created = strange ? now : entry.created();
            suspended = entry.suspended();
        }

        @Override
        public String toString() {
            return entry
                    + " "
                    + doing
                    + " due "
                    + due
                    + (suspended ? " suspended" : "")
                    + (removed ? " removed" : "")
                    + (expired ? " expired" : "");
        }

        EvpId id() {
            return entry.id();
        }

        boolean waits() {
            return doing.equals("pending") || doing.equals("held");
        }

        boolean late(Instant now) {
            return !now.isBefore(created.plus(entry.ttl()));
        }

        /// Whether the end of its time means nothing for now.
        boolean lives() {
            return spared && !suspended;
        }

        boolean sameBatch(Known other) {
            return id().msgid().equals(other.id().msgid()) && sameDestination(other);
        }

        boolean sameDestination(Known other) {
            return entry.type() == other.entry.type()
                    && entry.destination().equals(other.entry.destination());
        }
    }

    final Map<EvpId, Known> known = new TreeMap<>();
    private final Map<MsgId, List<ScheduleEntry>> open = new TreeMap<>();
    private final Set<DeliveryType> paused = EnumSet.noneOf(DeliveryType.class);
    private final int maxInflight;
    private long order;

    private final Backends backend;

    Model(int maxInflight, Backends backend) {
        this.maxInflight = maxInflight;
        this.backend = backend;
    }

    void submit(ScheduleEntry entry) {
        open.computeIfAbsent(entry.id().msgid(), _ -> new ArrayList<>()).add(entry);
    }

    void rollback(MsgId msgid) {
        open.remove(msgid);
    }

    void commit(MsgId msgid, Instant now) {
        List<ScheduleEntry> entries = open.remove(msgid);
        if (entries != null) {
            entries.forEach(entry -> known.putIfAbsent(entry.id(), new Known(entry, now)));
        }
    }

    void delivered(EvpId id) {
        known.remove(id);
    }

    void deferred(Known it, Instant now) {
        it.lastTry = now;
        it.spared &= it.doing.equals("leaving");
        if (it.doing.equals("leaving")) {
            again(it, now);
        } else {
            long base = Backoff.base(Limits.Retry.DEFAULT, it.entry.type()) / 1000;
            long n = 1;
            while (!it.created.plusSeconds(base * n * n).isAfter(now)) {
                n++;
            }
            it.returns = 0;
            it.doing = "pending";
            it.due = it.created.plusSeconds(base * n * n);
        }
    }

    void returned(Known it, Instant now) {
        if (it.doing.equals("leaving")) {
            again(it, now);
        } else if (it.doing.equals("inflight")) {
            it.doing = "pending";
            it.due = now.plusSeconds(1L << it.returns);
            it.returns = Math.min(6, it.returns + 1);
        }
    }

    private static void again(Known it, Instant now) {
        it.doing = "asking again";
        it.due = now.plusSeconds(10);
    }

    void hold(Known it, long holdq, Instant now) {
        if (it.doing.equals("inflight")) {
            it.returns = 0;
            it.doing = it.removed ? "pending" : "held";
            it.holdq = holdq;
            it.holdOrder = order++;
            it.due = now;
        }
    }

    int release(DeliveryType type, long holdq, int count, Instant now) {
        int released = 0;
        while (count == 0 || holdq == 0 || released < count) {
            Known oldest = null;
            for (Known it : known.values()) {
                if (isIn(it, type, holdq) && (oldest == null || it.holdOrder < oldest.holdOrder)) {
                    oldest = it;
                }
            }
            if (oldest == null) {
                return released;
            }
            for (Known it : known.values()) {
                if (isIn(it, type, holdq) && it.sameBatch(oldest)) {
                    it.doing = "pending";
                    it.due = now;
                    released++;
                }
            }
        }
        return released;
    }

    private static boolean isIn(Known it, DeliveryType type, long holdq) {
        return it.doing.equals("held")
                && it.entry.type() == type
                && (holdq == 0 || it.holdq == holdq);
    }

    private List<Known> select(Selection which, Predicate<Known> filter) {
        return known.values().stream()
                .filter(it ->
                        which.id() == 0
                                || it.id().value() == which.id()
                                || (long) it.id().msgid().value() << 32 == which.id())
                .filter(filter)
                .toList();
    }

    int schedule(Selection which, Instant now) {
        List<Known> reached =
                select(which, it -> it.waits() && !it.suspended && !it.removed && !it.expired);
        for (Known it : reached) {
            it.doing = "pending";
            it.due = now;
        }
        return reached.size();
    }

    int remove(Selection which) {
        List<Known> reached = select(which, it -> !it.removed && !it.doing.equals("leaving"));
        for (Known it : reached) {
            it.removed = true;
            if (!it.doing.equals("inflight")) {
                it.doing = "pending";
            }
        }
        return reached.size();
    }

    NavigableSet<EvpId> suspend(Selection which, boolean on) {
        NavigableSet<EvpId> changed = new TreeSet<>();
        for (Known it :
                select(
                        which,
                        it ->
                                it.suspended != on
                                        && !it.removed
                                        && !it.expired
                                        && !it.doing.equals("leaving"))) {
            it.suspended = on;
            changed.add(it.id());
        }
        return changed;
    }

    boolean pause(DeliveryType type, boolean on) {
        return on ? paused.add(type) : paused.remove(type);
    }

    long inflight() {
        return inflight(_ -> true);
    }

    /// Time passes: what must expire is marked, as the queue under test does when it places it.
    void settle(Instant now) {
        for (Known it : known.values()) {
            it.spared |= it.waits() && it.late(now) && paused.contains(it.entry.type());
            boolean over = it.waits() && !it.removed && it.late(now) && !it.lives();
            boolean asks = it.doing.equals("asking again") && !it.due.isAfter(now);
            if (over || asks) {
                it.doing = "pending";
                it.expired |= !it.removed;
            }
        }
    }

    private boolean deliverable(Known it, Instant now) {
        return it.doing.equals("pending")
                && !(it.suspended || it.removed || it.expired)
                && !it.due.isAfter(now)
                && !paused.contains(it.entry.type());
    }

    /// Checks a batch and carries it out.
    void judge(SchedulerToQueue work, Instant now) {
        switch (work) {
            case SchedulerToQueue.Deliver it when backend == Backends.TINY ->
                    judgeSmallDelivery(it, now);
            case SchedulerToQueue.Deliver it -> judgeDelivery(it, now);
            case SchedulerToQueue.Expire it ->
                    leave(it.envelopes(), now, e -> e.expired && !e.removed);
            case SchedulerToQueue.Remove it -> leave(it.envelopes(), now, e -> e.removed);
            case SchedulerToQueue.Suspend _,
                    SchedulerToQueue.Extend _,
                    SchedulerToQueue.Resubmit _,
                    SchedulerToQueue.More _ ->
                    throw new AssertionError("not work: " + work);
        }
    }

    /// Where there is little room a batch is what there was room for.
    private void judgeSmallDelivery(SchedulerToQueue.Deliver batch, Instant now) {
        MsgId msgid = batch.envelopes().getFirst().msgid();
        for (EvpId id : batch.envelopes()) {
            Known it = find(id);
            assertEquals(msgid, id.msgid());
            assertEquals(batch.type(), it.entry.type());
            assertTrue(deliverable(it, now), () -> "handed out too early: " + it);
            it.doing = "inflight";
            it.due = now;
        }
        assertTrue(inflight() <= maxInflight, "inflight limit");
    }

    /// A batch is all that is due of one message for one destination; a remote one may hold more
    /// destinations, each as a whole.
    private void judgeDelivery(SchedulerToQueue.Deliver batch, Instant now) {
        long before = inflight();
        Known first = find(batch.envelopes().getFirst());
        Set<EvpId> due = new TreeSet<>();
        Set<String> destinations = new TreeSet<>();
        for (EvpId id : batch.envelopes()) {
            Known part = find(id);
            assertEquals(first.id().msgid(), id.msgid());
            destinations.add(part.entry.destination());
            for (Known it : known.values()) {
                if (it.sameBatch(part) && deliverable(it, now)) {
                    due.add(it.id());
                }
            }
            assertTrue(hasShare(part, maxInflight - before), () -> "beyond its share: " + part);
        }
        assertEquals(first.entry.type(), batch.type());
        assertTrue(destinations.size() == 1 || batch.type() == DeliveryType.MTA);
        assertEquals(
                List.copyOf(due), batch.envelopes(), () -> "all that are due, in order: " + first);
        for (EvpId id : due) {
            find(id).doing = "inflight";
            find(id).due = now;
        }
        assertTrue(inflight() <= maxInflight, "inflight limit");
    }

    /// Whether an envelope's destination and message have less in flight than is left free.
    private boolean hasShare(Known it, long room) {
        long destination = inflight(other -> other.sameDestination(it));
        long message = inflight(other -> other.id().msgid().equals(it.id().msgid()));
        return (destination == 0 || destination < room) && (message == 0 || message < room);
    }

    private long inflight(Predicate<Known> filter) {
        return known.values().stream()
                .filter(it -> it.doing.equals("inflight"))
                .filter(filter)
                .count();
    }

    private Known find(EvpId id) {
        Known found = known.get(id);
        if (found == null) {
            throw new AssertionError("handed out but gone: " + id);
        }
        return found;
    }

    private void leave(List<EvpId> ids, Instant now, Predicate<Known> may) {
        for (EvpId id : ids) {
            Known it = find(id);
            assertTrue(it.doing.equals("pending") && may.test(it), () -> "leaves too early: " + id);
            it.doing = "leaving";
            it.due = now;
        }
    }

    /// Checks that nothing was left undone, and that the queue knows each envelope as we do. Where
    /// there is little room something may wait for it.
    void compare(RunQueue queue, Instant now, int largestBatch) {
        if (backend != Backends.TINY) {
            compareWork(queue, now, largestBatch);
        }
        compareKnowledge(queue);
    }

    private void compareWork(RunQueue queue, Instant now, int largestBatch) {
        long room = maxInflight - inflight();
        @Nullable Instant wake = null;
        for (Known it : known.values()) {
            boolean fits = room >= largestBatch && hasShare(it, room);
            assertTrue(!(fits && deliverable(it, now)), () -> "not delivered: " + it);
            boolean listed = it.doing.equals("pending") && (it.removed || it.expired);
            assertTrue(!listed, () -> "not removed or expired: " + it);
            if (backend == Backends.RAM || !isIdle(it)) {
                wake = earliest(wake, wake(it, now));
            }
        }
        compareWake(wake, queue.wake().orElse(null), now);
    }

    private void compareKnowledge(RunQueue queue) {
        List<ScheduleState> states = queue.states(List.copyOf(known.keySet()));
        for (ScheduleState expected : known.values().stream().map(Model::state).toList()) {
            assertTrue(states.contains(expected), () -> expected + " is not in " + states);
        }
        assertEquals(known.size(), states.size());
        Census census = queue.census();
        assertEquals(known.size(), census.envelopes());
        assertEquals(inflight(), census.inflight());
        assertEquals(
                known.values().stream().filter(it -> it.doing.equals("held")).count(),
                census.held());
        assertEquals(open.size(), census.changesets());
        assertEquals(
                known.keySet().stream().map(EvpId::msgid).distinct().count(), census.messages());
    }

    /// Whether nothing is done with it while its type is paused: one on disk does not even wake.
    private boolean isIdle(Known it) {
        return it.doing.equals("pending") && !it.suspended && paused.contains(it.entry.type());
    }

    /// Waking for nothing is allowed to a run queue on disk, and waking late is not.
    private void compareWake(@Nullable Instant expected, @Nullable Instant wake, Instant now) {
        assertTrue(wake == null || wake.isAfter(now), () -> "wakes at " + wake + ", it is " + now);
        if (backend == Backends.RAM) {
            assertEquals(expected, wake);
        } else if (expected != null) {
            assertTrue(
                    wake != null && !wake.isAfter(expected),
                    () -> "wakes at " + wake + " instead of " + expected);
        }
    }

    private static @Nullable Instant wake(Known it, Instant now) {
        @Nullable Instant expiry = it.lives() ? null : it.created.plus(it.entry.ttl());
        return switch (it.doing) {
            case "asking again" -> it.due;
            case "held" -> expiry;
            case "pending" ->
                    it.suspended || !it.due.isAfter(now) ? expiry : earliest(it.due, expiry);
            default -> null;
        };
    }

    private static @Nullable Instant earliest(@Nullable Instant a, @Nullable Instant b) {
        return a == null || (b != null && b.isBefore(a)) ? b : a;
    }

    private static ScheduleState state(Known it) {
        SchedulePhase phase =
                switch (it.doing) {
                    case "held" -> SchedulePhase.HELD;
                    case "inflight", "leaving" -> SchedulePhase.INFLIGHT;
                    default -> SchedulePhase.PENDING;
                };
        return new ScheduleState(it.id(), phase, it.suspended, it.due, it.lastTry);
    }
}
