package smtpd.scheduler;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Commands of the operator, carried out on envelopes in memory.
final class Commands {
    private final RamRunQueue runQueue;

    Commands(RamRunQueue runQueue) {
        this.runQueue = runQueue;
    }

    int schedule(List<Entry> which, Instant now) {
        int count = 0;
        for (Entry entry : which) {
            boolean waits = entry.phase == Entry.Phase.PENDING || entry.phase == Entry.Phase.HELD;
            if (waits && !entry.is(Entry.SUSPENDED | Entry.REMOVED | Entry.EXPIRED)) {
                runQueue.pend(entry, now.toEpochMilli(), now.toEpochMilli());
                count++;
            }
        }
        return count;
    }

    int remove(List<Entry> which, Instant now) {
        int count = 0;
        for (Entry entry : which) {
            if (entry.is(Entry.REMOVED) || entry.phase == Entry.Phase.LEAVING) {
                continue;
            }
            entry.set(Entry.REMOVED);
            if (entry.phase != Entry.Phase.INFLIGHT) {
                runQueue.pend(entry, entry.due, now.toEpochMilli());
            }
            count++;
        }
        return count;
    }

    long[] suspend(List<Entry> which, boolean on, Instant now) {
        List<Entry> changed = new ArrayList<>(which);
        changed.removeIf(entry -> leaves(entry) || entry.is(Entry.SUSPENDED) == on);
        for (Entry entry : changed) {
            if (on) {
                entry.set(Entry.SUSPENDED);
            } else {
                entry.clear(Entry.SUSPENDED);
            }
            if (entry.phase != Entry.Phase.INFLIGHT) {
                runQueue.place(entry, now.toEpochMilli());
            }
        }
        return keys(changed);
    }

    long[] extend(List<Entry> which, Duration by, Instant now) {
        List<Entry> changed = new ArrayList<>(which);
        changed.removeIf(Commands::leaves);
        for (Entry entry : changed) {
            entry.extend(by.toSeconds());
            if (entry.phase != Entry.Phase.INFLIGHT) {
                runQueue.place(entry, now.toEpochMilli());
            }
        }
        return keys(changed);
    }

    private static long[] keys(List<Entry> entries) {
        return entries.stream().mapToLong(Entry::key).toArray();
    }

    private static boolean leaves(Entry entry) {
        return entry.phase == Entry.Phase.LEAVING || entry.is(Entry.REMOVED | Entry.EXPIRED);
    }
}
