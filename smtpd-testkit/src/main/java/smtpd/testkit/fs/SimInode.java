package smtpd.testkit.fs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/// The bytes of one simulated file: as they are read now, and as a power cut would find them.
final class SimInode {
    /// A disk writes whole sectors; the order among those not forced is its own.
    private static final int SECTOR = 512;

    private static final class Change {
        final int position;
        final byte[] bytes;
        final boolean cut;

        Change(int position, byte[] bytes, boolean cut) {
            this.position = position;
            this.bytes = bytes;
            this.cut = cut;
        }
    }

    private byte[] now = new byte[0];
    private int size;
    private byte[] durable = new byte[0];
    private final List<Change> unforced = new ArrayList<>();

    int size() {
        return size;
    }

    int read(long position, byte[] into) {
        if (position >= size) {
            return 0;
        }
        int n = Math.min(into.length, size - (int) position);
        System.arraycopy(now, (int) position, into, 0, n);
        return n;
    }

    void write(int position, byte[] bytes) {
        put(position, bytes);
        unforced.add(new Change(position, bytes, false));
    }

    void truncate(int newSize) {
        cut(newSize);
        unforced.add(new Change(newSize, new byte[0], true));
    }

    void force() {
        durable = Arrays.copyOf(now, size);
        unforced.clear();
    }

    /// A force that failed: the changes are forgotten, readable for now and never durable.
    void forceFailed() {
        unforced.clear();
    }

    /// Everything that was written, as if the machine had not died but the process.
    void keepAll() {
        force();
    }

    void flipBit(long bit) {
        now[(int) (bit >> 3)] ^= (byte) (1 << (bit & 7));
        force();
    }

    /// What a power cut leaves: forced bytes, and of each other change all, nothing, or some
    /// sectors.
    void crash(RandomGenerator random) {
        now = durable.clone();
        size = now.length;
        for (Change change : unforced) {
            int fate = random.nextInt(4);
            if (fate == 0) {
                continue;
            }
            if (change.cut) {
                cut(change.position);
            } else if (fate == 1) {
                put(change.position, change.bytes);
            } else if (fate == 2) {
                int kept = random.nextInt(change.bytes.length + 1);
                put(change.position, Arrays.copyOf(change.bytes, kept));
            } else {
                putSomeSectors(change, random);
            }
        }
        force();
    }

    private void putSomeSectors(Change change, RandomGenerator random) {
        int end = change.position + change.bytes.length;
        int at = change.position;
        while (at < end) {
            int next = Math.min(end, (at / SECTOR + 1) * SECTOR);
            if (random.nextBoolean()) {
                int from = at - change.position;
                put(at, Arrays.copyOfRange(change.bytes, from, next - change.position));
            }
            at = next;
        }
    }

    private void put(int position, byte[] bytes) {
        int end = position + bytes.length;
        if (end > now.length) {
            now = Arrays.copyOf(now, Math.max(end, now.length * 2));
        }
        System.arraycopy(bytes, 0, now, position, bytes.length);
        size = Math.max(size, end);
    }

    private void cut(int newSize) {
        if (newSize < size) {
            Arrays.fill(now, newSize, size, (byte) 0);
        } else if (newSize > now.length) {
            now = Arrays.copyOf(now, newSize);
        }
        size = newSize;
    }
}
