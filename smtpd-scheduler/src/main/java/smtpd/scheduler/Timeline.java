package smtpd.scheduler;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Objects;

/// Envelopes by the time at which something happens to them: a binary heap in which each entry
/// knows its slot, so that it can be moved or taken out in logarithmic time.
///
/// Equal times are ordered by id, so that the envelopes of one message come out together.
final class Timeline {
    /// The slot of an entry that is not in the timeline.
    static final int ABSENT = -1;

    private static final int INITIAL = 64;

    private @Nullable Entry[] heap = new @Nullable Entry[INITIAL];
    private int size;

    int size() {
        return size;
    }

    @Nullable Entry first() {
        return heap[0];
    }

    /// Puts an entry at a time, from wherever it is now.
    void put(Entry entry, long wake) {
        remove(entry);
        entry.wake = wake;
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, size + (size >> 1));
        }
        up(size++, entry);
    }

    void remove(Entry entry) {
        int slot = entry.slot;
        if (slot == ABSENT) {
            return;
        }
        entry.slot = ABSENT;
        Entry last = at(--size);
        heap[size] = null;
        if (slot < size) {
            down(slot, last);
            if (last.slot == slot) {
                up(slot, last);
            }
        }
    }

    void clear() {
        heap = new @Nullable Entry[INITIAL];
        size = 0;
    }

    private Entry at(int slot) {
        return Objects.requireNonNull(heap[slot]);
    }

    private void up(int from, Entry entry) {
        int slot = from;
        while (slot > 0) {
            Entry parent = at((slot - 1) >>> 1);
            if (!before(entry, parent)) {
                break;
            }
            place(slot, parent);
            slot = (slot - 1) >>> 1;
        }
        place(slot, entry);
    }

    private void down(int from, Entry entry) {
        int slot = from;
        while (slot < size >>> 1) {
            int child = 2 * slot + 1;
            if (child + 1 < size && before(at(child + 1), at(child))) {
                child++;
            }
            if (!before(at(child), entry)) {
                break;
            }
            place(slot, at(child));
            slot = child;
        }
        place(slot, entry);
    }

    private void place(int slot, Entry entry) {
        heap[slot] = entry;
        entry.slot = slot;
    }

    private static boolean before(Entry a, Entry b) {
        return a.wake != b.wake ? a.wake < b.wake : Long.compareUnsigned(a.id, b.id) < 0;
    }
}
