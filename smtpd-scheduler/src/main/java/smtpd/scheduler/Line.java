package smtpd.scheduler;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.DeliveryType;

import java.util.PriorityQueue;

/// The groups of one delivery type that have ready envelopes, in the order they are served: fairly
/// between destinations and between messages, first come first served within each.
///
/// Each group is given a start time in virtual time, one step after the one before it of the same
/// destination and of the same message (P. Goyal, H. M. Vin, H. Cheng: Start-time Fair Queuing,
/// 1996). A message for a destination with nothing waiting is served at once, whatever waits for
/// others. The large messages of a destination count as a destination of their own: small ones do
/// not wait behind them.
final class Line {
    private final PriorityQueue<Group> waiting = new PriorityQueue<>();
    private long virtualTime;
    private long sequence;

    /// Queues a group that has ready envelopes, once.
    void add(Group group) {
        if (group.queued) {
            return;
        }
        long start = group.line().admit(virtualTime);
        if (group.message != null) {
            start = Math.max(start, group.message.admit(virtualTime));
            if (group.destination.type == DeliveryType.MTA) {
                group.message.accompany(group);
            }
        }
        group.queued = true;
        group.start = start;
        group.sequence = sequence++;
        waiting.add(group);
    }

    /// Takes back a group that was taken out and not served: it keeps its place.
    void putBack(Group group) {
        waiting.add(group);
    }

    /// The next group that has ready envelopes; it stays in front.
    @Nullable Group front() {
        Group group;
        while ((group = waiting.peek()) != null && group.ready() == 0) {
            waiting.remove().queued = false;
        }
        return group;
    }

    /// Takes out what [#front] told; it counts as queued until [#served].
    void take() {
        Group front = waiting.remove();
        virtualTime = Math.max(virtualTime, front.start);
    }

    /// A group that was taken out has been served `count` envelopes; it comes again if there are
    /// more.
    void served(Group group, int count) {
        group.line().charge(count - 1);
        group.queued = false;
        if (group.ready() > 0) {
            add(group);
        }
    }

    void clear() {
        waiting.clear();
        virtualTime = 0;
        sequence = 0;
    }
}
