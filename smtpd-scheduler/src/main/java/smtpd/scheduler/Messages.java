package smtpd.scheduler;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.QueueSummary;
import smtpd.core.imsg.ScheduleEntry;
import smtpd.core.imsg.Selection;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.MsgId;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Every committed envelope: by id, by message, and by message and destination.
final class Messages {
    /// Destinations looked at for a summary, which takes a few milliseconds.
    static final int SUMMARY_LOOKS = 100_000;

    private final LongTable<Entry> entries = new LongTable<>();
    private final LongTable<Group> heads = new LongTable<>();
    private final Destination.Names names = new Destination.Names();
    private final Ages ages = new Ages();
    private final Map<DeliveryType, Integer> perType = new EnumMap<>(DeliveryType.class);
    private final Consumer<Destination> left;

    /// @param left told of the destination of each envelope that is removed
    Messages(Consumer<Destination> left) {
        this.left = left;
    }

    /// Envelopes of a type.
    int envelopes(DeliveryType type) {
        return perType.getOrDefault(type, 0);
    }

    /// The destinations in use.
    Destination.Names names() {
        return names;
    }

    boolean has(MsgId msgid) {
        return heads.get(msgid.value()) != null;
    }

    int envelopes() {
        return entries.size();
    }

    int messages() {
        return heads.size();
    }

    int destinations() {
        return names.size();
    }

    @Nullable Entry get(long id) {
        return entries.get(id);
    }

    /// Adds the envelopes of one message that are not there yet.
    ///
    /// @param created the origin of each one's schedule, in milliseconds since the epoch
    /// @return what was added, in order; null where the envelope is known already
    List<@Nullable Entry> add(List<ScheduleEntry> changeset, long[] created) {
        Map<Destination, Group> groups = groups(changeset);
        List<@Nullable Entry> added = new ArrayList<>(changeset.size());
        for (int i = 0; i < created.length; i++) {
            ScheduleEntry from = changeset.get(i);
            added.add(
                    entries.get(from.id().value()) != null ? null : add(from, created[i], groups));
        }
        return added;
    }

    private Entry add(ScheduleEntry from, long created, Map<Destination, Group> groups) {
        Destination destination = names.acquire(from.type(), from.destination());
        Group group = groups.get(destination);
        if (group == null) {
            group = new Group(from.id().msgid().value(), destination);
            groups.put(destination, group);
            linkHead(group);
        } else {
            names.release(destination);
        }
        Entry entry = new Entry(from.id().value(), group, created, from.ttl().toSeconds());
        group.add(entry);
        entries.put(entry);
        destination.envelopes++;
        perType.merge(destination.type, 1, Integer::sum);
        ages.add(created);
        return entry;
    }

    /// Adds an envelope that is not there yet, just as it is given.
    Entry add(ScheduleEntry from) {
        Map<Destination, Group> groups = groups(List.of(from));
        return add(from, from.created().toEpochMilli(), groups);
    }

    /// The groups that the message has already.
    private Map<Destination, Group> groups(List<ScheduleEntry> changeset) {
        Map<Destination, Group> groups = new HashMap<>();
        Group at =
                changeset.isEmpty() ? null : heads.get(changeset.getFirst().id().msgid().value());
        for (; at != null; at = at.nextOfMessage) {
            groups.put(at.destination, at);
        }
        return groups;
    }

    void remove(Entry entry) {
        entry.phase = Entry.Phase.GONE;
        entries.remove(entry.id);
        entry.group.destination.envelopes--;
        perType.merge(entry.group.destination.type, -1, Integer::sum);
        ages.remove(entry.created);
        entry.group.remove(entry);
        if (entry.group.isEmpty()) {
            unlink(entry.group);
            names.release(entry.group.destination);
        }
        left.accept(entry.group.destination);
    }

    /// The envelopes a command means, as they are now.
    List<Entry> select(Selection which) {
        List<Entry> selected = new ArrayList<>();
        if (which.id() == 0) {
            entries.forEach(selected::add);
        } else if ((int) which.id() == 0) {
            int msgid = (int) (which.id() >>> 32);
            for (Group at = heads.get(msgid); at != null; at = at.nextOfMessage) {
                at.forEach(selected::add);
            }
        } else {
            Entry entry = entries.get(which.id());
            if (entry != null) {
                selected.add(entry);
            }
        }
        return selected;
    }

    /// All of them at a glance.
    QueueSummary summary(int max, long now) {
        List<QueueSummary.To> largest = new ArrayList<>();
        for (Destination it : names.largest(max, SUMMARY_LOOKS)) {
            largest.add(
                    new QueueSummary.To(
                            it.type, it.name, it.envelopes, it.flow.inflight, it.lastDeferred));
        }
        boolean partial = names.size() > SUMMARY_LOOKS;
        return new QueueSummary(largest, names.size(), partial, ages.at(now));
    }

    void clear() {
        entries.clear();
        heads.clear();
        names.clear();
        perType.clear();
        ages.clear();
    }

    private void linkHead(Group group) {
        Group head = heads.get(group.key());
        if (head == null) {
            heads.put(group);
            return;
        }
        group.joinMessageOf(head);
        Group second = head.nextOfMessage;
        group.previousOfMessage = head;
        group.nextOfMessage = second;
        head.nextOfMessage = group;
        if (second != null) {
            second.previousOfMessage = group;
        }
    }

    private void unlink(Group group) {
        Group before = group.previousOfMessage;
        Group after = group.nextOfMessage;
        if (after != null) {
            after.previousOfMessage = before;
        }
        if (before != null) {
            before.nextOfMessage = after;
        } else if (after != null) {
            heads.put(after);
        } else {
            heads.remove(group.key());
        }
    }
}
