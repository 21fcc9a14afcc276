package smtpd.scheduler;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.function.Consumer;

/// A hash table of objects that carry their own key: 4 to 12 bytes for each, where a map of boxed
/// keys takes 60.
///
/// Open addressing with linear probing; a removal moves later entries of the run back, so that no
/// tombstones remain. The hash is fixed: the order of iteration depends on the history alone.
///
/// @param <V> what it holds
final class LongTable<V extends LongTable.Keyed> {
    /// Something with a key that never changes.
    interface Keyed {
        /// The key.
        long key();
    }

    /// Slots of an empty table.
    private static final int INITIAL = 64;

    private @Nullable Keyed[] slots = new @Nullable Keyed[INITIAL];
    private int size;

    int size() {
        return size;
    }

    @Nullable V get(long key) {
        return cast(slots[find(key)]);
    }

    /// Adds a value, or replaces the one with the same key.
    void put(V value) {
        int at = find(value.key());
        if (slots[at] == null) {
            if ((size + 1) * 4L > slots.length * 3L) {
                grow();
                at = find(value.key());
            }
            size++;
        }
        slots[at] = value;
    }

    void remove(long key) {
        int hole = find(key);
        if (slots[hole] == null) {
            return;
        }
        size--;
        int mask = slots.length - 1;
        int at = hole;
        while (true) {
            slots[hole] = null;
            Keyed moved;
            int home;
            do {
                at = (at + 1) & mask;
                moved = slots[at];
                if (moved == null) {
                    return;
                }
                home = home(moved.key());
            } while (((at - home) & mask) < ((at - hole) & mask));
            slots[hole] = moved;
            hole = at;
        }
    }

    void clear() {
        slots = new @Nullable Keyed[INITIAL];
        size = 0;
    }

    /// Visits every value; `action` must not change the table.
    void forEach(Consumer<V> action) {
        for (Keyed slot : slots) {
            if (slot != null) {
                action.accept(Objects.requireNonNull(cast(slot)));
            }
        }
    }

    private int home(long key) {
        long mixed = key * 0x9e3779b97f4a7c15L;
        return (int) (mixed >>> 32) & (slots.length - 1);
    }

    private int find(long key) {
        int mask = slots.length - 1;
        int at = home(key);
        Keyed slot;
        while ((slot = slots[at]) != null && slot.key() != key) {
            at = (at + 1) & mask;
        }
        return at;
    }

    private void grow() {
        @Nullable Keyed[] old = slots;
        slots = new @Nullable Keyed[old.length * 2];
        for (Keyed value : old) {
            if (value != null) {
                slots[find(value.key())] = value;
            }
        }
    }

    @SuppressWarnings("unchecked")
    private @Nullable V cast(@Nullable Keyed slot) {
        return (V) slot;
    }
}
