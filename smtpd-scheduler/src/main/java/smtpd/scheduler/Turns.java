package smtpd.scheduler;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.DeliveryType;

import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;

/// What waits to be handed out, in first-come lists of one kind each, and whose turn it is.
///
/// A list may still mention what has changed since; it is passed over when its turn comes.
final class Turns {
    /// The kinds of work, in the order of a round.
    enum Turn {
        /// Envelopes the operator removes.
        REMOVED,
        /// Envelopes whose time is over.
        EXPIRED,
        /// Reports to senders.
        BOUNCE,
        /// Local deliveries.
        MDA,
        /// Remote deliveries.
        MTA;

        /// The one after this, and the first after the last.
        Turn next() {
            return switch (this) {
                case REMOVED -> EXPIRED;
                case EXPIRED -> BOUNCE;
                case BOUNCE -> MDA;
                case MDA -> MTA;
                case MTA -> REMOVED;
            };
        }
    }

    private final Queue<Entry> removed = new ArrayDeque<>();
    private final Queue<Entry> expired = new ArrayDeque<>();
    private final Map<DeliveryType, Queue<Group>> groups = new EnumMap<>(DeliveryType.class);

    Turns() {
        clear();
    }

    void addRemoved(Entry entry) {
        removed.add(entry);
    }

    void addExpired(Entry entry) {
        expired.add(entry);
    }

    /// Queues a group that has ready envelopes, once.
    void add(Group group) {
        if (!group.queued) {
            group.queued = true;
            groups(group).add(group);
        }
    }

    /// The next group of a type that has ready envelopes; it stays in front.
    @Nullable Group front(DeliveryType type) {
        Queue<Group> waiting = groups.get(type);
        if (waiting == null) {
            return null;
        }
        Group group;
        while ((group = waiting.peek()) != null && group.ready() == 0) {
            waiting.remove().queued = false;
        }
        return group;
    }

    /// Sends the front group to the end if it still has ready envelopes, else away.
    void rotate(Group front) {
        groups(front).remove();
        front.queued = false;
        if (front.ready() > 0) {
            add(front);
        }
    }

    /// The next envelope to remove.
    @Nullable Entry nextRemoved() {
        Entry entry;
        while ((entry = removed.poll()) != null && !waits(entry)) {}
        return entry;
    }

    /// The next envelope to expire.
    @Nullable Entry nextExpired() {
        Entry entry;
        while ((entry = expired.poll()) != null && (!waits(entry) || entry.is(Entry.REMOVED))) {}
        return entry;
    }

    private static boolean waits(Entry entry) {
        return entry.phase == Entry.Phase.PENDING;
    }

    void clear() {
        removed.clear();
        expired.clear();
        for (DeliveryType type : DeliveryType.values()) {
            groups.put(type, new ArrayDeque<>());
        }
    }

    private Queue<Group> groups(Group group) {
        return Objects.requireNonNull(groups.get(group.destination.type));
    }
}
