package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.function.Consumer;

/// A map from non-zero ints, with open addressing: a million entries cost some 16 bytes each beside
/// the values. Its order depends on the keys and their history alone.
final class IntMap<V> {
    private static final int SMALLEST = 8;

    private int[] keys = new int[SMALLEST];
    private @Nullable Object[] values = new Object[SMALLEST];
    private int size;

    int size() {
        return size;
    }

    private int slot(int key) {
        int hash = key * 0x9E3779B9;
        return (hash ^ (hash >>> 16)) & (keys.length - 1);
    }

    private int find(int key) {
        int at = slot(key);
        while (keys[at] != 0 && keys[at] != key) {
            at = (at + 1) & (keys.length - 1);
        }
        return at;
    }

    @SuppressWarnings("unchecked")
    private @Nullable V valueAt(int at) {
        return (V) values[at];
    }

    @Nullable V get(int key) {
        return valueAt(find(key));
    }

    void put(int key, V value) {
        int at = find(key);
        if (keys[at] == 0) {
            keys[at] = key;
            size++;
        }
        values[at] = value;
        if (size * 3 > keys.length * 2) {
            resize(keys.length * 2);
        }
    }

    @Nullable V remove(int key) {
        int at = find(key);
        V old = valueAt(at);
        if (keys[at] == 0) {
            return null;
        }
        size--;
        closeGap(at);
        if (keys.length > SMALLEST && size * 8 < keys.length) {
            resize(keys.length / 2);
        }
        return old;
    }

    /// Moves later entries of the same run back, so that none is cut off from its slot.
    private void closeGap(int removed) {
        int mask = keys.length - 1;
        int gap = removed;
        int at = removed;
        while (true) {
            at = (at + 1) & mask;
            if (keys[at] == 0) {
                break;
            }
            int wish = slot(keys[at]);
            if (((at - wish) & mask) >= ((at - gap) & mask)) {
                keys[gap] = keys[at];
                values[gap] = values[at];
                gap = at;
            }
        }
        keys[gap] = 0;
        values[gap] = null;
    }

    private void resize(int capacity) {
        int[] oldKeys = keys;
        @Nullable Object[] oldValues = values;
        keys = new int[capacity];
        values = new Object[capacity];
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != 0) {
                int at = find(oldKeys[i]);
                keys[at] = oldKeys[i];
                values[at] = oldValues[i];
            }
        }
    }

    void forEach(Consumer<V> action) {
        for (int i = 0; i < keys.length; i++) {
            V value = valueAt(i);
            if (value != null) {
                action.accept(value);
            }
        }
    }

    /// The keys, ascending as unsigned numbers.
    int[] sortedKeys() {
        int[] sorted = new int[size];
        int n = 0;
        for (int key : keys) {
            if (key != 0) {
                sorted[n++] = key ^ Integer.MIN_VALUE;
            }
        }
        Arrays.sort(sorted);
        for (int i = 0; i < n; i++) {
            sorted[i] ^= Integer.MIN_VALUE;
        }
        return sorted;
    }
}
