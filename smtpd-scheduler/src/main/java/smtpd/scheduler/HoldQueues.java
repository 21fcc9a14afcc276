package smtpd.scheduler;

import smtpd.core.mail.DeliveryType;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The hold queues, each by its type and id; one exists while something is in it.
final class HoldQueues {
    private final Map<HoldQueue.Key, HoldQueue> queues = new LinkedHashMap<>();
    private int held;

    /// Hold queues in use.
    int queues() {
        return queues.size();
    }

    /// Envelopes in all of them.
    int held() {
        return held;
    }

    /// Parks an envelope at the end.
    ///
    /// @return false if the hold queue is full
    boolean park(Entry entry, DeliveryType type, long id) {
        HoldQueue.Key key = new HoldQueue.Key(type, id);
        HoldQueue queue = queues.computeIfAbsent(key, HoldQueue::new);
        if (queue.entries.size() >= HoldQueue.HELD_MAX) {
            return false;
        }
        queue.entries.add(entry);
        entry.hold = queue;
        held++;
        return true;
    }

    /// Takes an envelope out, wherever it is.
    void remove(Entry entry) {
        HoldQueue queue = entry.hold;
        if (queue != null) {
            entry.hold = null;
            held--;
            queue.entries.remove(entry);
            if (queue.entries.isEmpty()) {
                queues.remove(queue.key);
            }
        }
    }

    /// Takes out the oldest envelopes, each with the rest of its group, so that a message for many
    /// recipients does not come back in pieces.
    ///
    /// @param count how many at least; 0 for all
    List<Entry> release(DeliveryType type, long id, int count) {
        HoldQueue queue = queues.get(new HoldQueue.Key(type, id));
        if (queue == null) {
            return List.of();
        }
        Set<Entry> released = new LinkedHashSet<>();
        for (Entry entry : queue.entries) {
            if (count != 0 && released.size() >= count) {
                break;
            }
            if (!released.contains(entry)) {
                addGroup(entry.group, queue, released);
            }
        }
        released.forEach(this::remove);
        return new ArrayList<>(released);
    }

    /// Takes out everything of a type: nobody is left to ask for it.
    List<Entry> releaseAll(DeliveryType type) {
        List<Entry> released = new ArrayList<>();
        for (HoldQueue queue : queues.values()) {
            if (queue.key.type() == type) {
                released.addAll(queue.entries);
            }
        }
        released.forEach(this::remove);
        return released;
    }

    private static void addGroup(Group group, HoldQueue queue, Set<Entry> released) {
        group.forEach(entry -> {
            if (entry.hold == queue) {
                released.add(entry);
            }
        });
    }

    void clear() {
        queues.clear();
        held = 0;
    }
}
