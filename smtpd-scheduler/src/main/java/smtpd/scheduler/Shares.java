package smtpd.scheduler;

import org.jspecify.annotations.Nullable;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/// How much of `max-inflight` each destination and each message may hold: as much as is left free.
///
/// Whoever is alone can take half of it; of n slow ones each takes one part of n + 1, and one part
/// stays free for others; only the last batch of each may go beyond. So no destination that is
/// slow, dead or flooded, and no message to a multitude, keeps the rest waiting. Whoever holds
/// nothing may always begin.
///
/// Of what a destination may hold the large messages for it ([Group#SMALL_MAX]) have half among
/// them, so that a small one finds a place at once.
///
/// The rule is that of shared buffers in switches (Choudhury and Hahne, "Dynamic queue length
/// thresholds", 1998). OpenSMTPD: no such thing; slow relays can hold all there is.
final class Shares {
    /// What a destination may hold while nothing gets through to it: as many as OpenSMTPD's
    /// `task-hiwat`, so that a large backlog for a dead destination costs the queue little.
    static final int FAILING_MAX = 50;

    private final int max;
    private final Set<Flow> full = new LinkedHashSet<>();
    private int inflight;
    private boolean freed;

    /// @param max `max-inflight`
    Shares(int max) {
        this.max = max;
    }

    /// Envelopes handed out and not yet answered.
    int inflight() {
        return inflight;
    }

    /// What is left for all.
    int room() {
        return max - inflight;
    }

    private boolean admits(Flow flow) {
        return flow.inflight == 0 || flow.inflight < most(flow);
    }

    private int most(Flow flow) {
        return flow.isFailing() ? Math.min(room(), FAILING_MAX) : room() / flow.parts;
    }

    /// Who has too much in flight for another batch of a group; null if nobody.
    @Nullable Flow obstacle(Group group) {
        Flow message = group.message;
        if (!admits(group.destination.flow)) {
            return group.destination.flow;
        }
        if (group.isLarge() && !admits(group.destination.bulk())) {
            return group.destination.bulk();
        }
        return message == null || admits(message) ? null : message;
    }

    /// An envelope is handed out.
    void begin(Group group) {
        inflight++;
        group.count(1);
    }

    /// Its attempt is over.
    void end(Group group) {
        inflight--;
        freed = true;
        group.count(-1);
    }

    /// Lets a group wait until a flow has less in flight.
    void park(Flow flow, Group group) {
        flow.park(group);
        full.add(flow);
    }

    /// [#unpark], if something was freed since.
    void unparkFreed(Turns lines) {
        if (freed) {
            unpark(lines);
        }
    }

    /// Gives back the first parked group of each flow that may have more.
    ///
    /// @param lines where they go
    void unpark(Turns lines) {
        freed = false;
        for (Iterator<Flow> each = full.iterator(); each.hasNext(); ) {
            Flow flow = each.next();
            giveBack(flow, lines);
            if (flow.firstParked() == null) {
                each.remove();
            }
        }
    }

    /// A group has left its line: whoever waits behind it comes next, if there may be more.
    void follow(Group group, Turns lines) {
        follow(group.destination.flow, lines);
        if (group.isLarge()) {
            follow(group.destination.bulk(), lines);
        }
        Flow message = group.message;
        if (message != null) {
            follow(message, lines);
        }
    }

    private void follow(Flow flow, Turns lines) {
        if (full.contains(flow)) {
            giveBack(flow, lines);
            if (flow.firstParked() == null) {
                full.remove(flow);
            }
        }
    }

    private void giveBack(Flow flow, Turns lines) {
        Group group = flow.firstParked();
        if (group != null && admits(flow)) {
            flow.unpark();
            lines.putBack(group);
        }
    }

    void clear() {
        full.clear();
        inflight = 0;
        freed = false;
    }
}
