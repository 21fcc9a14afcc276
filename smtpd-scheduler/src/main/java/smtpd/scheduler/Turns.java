package smtpd.scheduler;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.DeliveryType;

import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;

/// What waits to be handed out, in lists of one kind each, and whose turn it is.
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
    private final Map<DeliveryType, Line> lines = new EnumMap<>(DeliveryType.class);

    Turns() {
        for (DeliveryType type : DeliveryType.values()) {
            lines.put(type, new Line());
        }
    }

    void addRemoved(Entry entry) {
        removed.add(entry);
    }

    void addExpired(Entry entry) {
        expired.add(entry);
    }

    /// Queues a group that has ready envelopes, once.
    void add(Group group) {
        line(group.destination.type).add(group);
    }

    /// Puts a group back that was taken out of its line and not served.
    void putBack(Group group) {
        line(group.destination.type).putBack(group);
    }

    /// The line of a type.
    Line line(DeliveryType type) {
        return Objects.requireNonNull(lines.get(type));
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

    /// Envelopes listed to be removed or expired, at most.
    int ending() {
        return removed.size() + expired.size();
    }

    private static boolean waits(Entry entry) {
        return entry.phase == Entry.Phase.PENDING;
    }

    void clear() {
        removed.clear();
        expired.clear();
        lines.values().forEach(Line::clear);
    }
}
