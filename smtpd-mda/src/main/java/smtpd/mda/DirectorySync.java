package smtpd.mda;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// Group commit for directory entries: deliveries that end at the same time in one directory share
/// one fsync(2) of it.
///
/// Who comes while one is under way waits for the next, since the one under way may have begun
/// before its entry was made. A failure is everybody's who shared it: the kernel tells it only
/// once.
final class DirectorySync {
    private final Disk disk;
    private final Map<Key, Shared> open = new HashMap<>();

    /// Who may open the directory is part of which one it is.
    private record Key(int uid, Path directory) {}

    private static final class Round {
        private boolean done;
        private @Nullable IOException failure;
    }

    private static final class Shared {
        private Round next = new Round();
        private boolean busy;
        private int waiting;
    }

    DirectorySync(Disk disk) {
        this.disk = disk;
    }

    /// Returns once everything that is in `directory` now is on stable storage.
    ///
    /// @param uid the user this thread runs as
    void sync(int uid, Path directory) throws IOException {
        Key key = new Key(uid, directory);
        Shared shared;
        synchronized (open) {
            shared = open.computeIfAbsent(key, missing -> new Shared());
            shared.waiting++;
        }
        try {
            join(shared, directory);
        } finally {
            synchronized (open) {
                if (--shared.waiting == 0) {
                    open.remove(key);
                }
            }
        }
    }

    private void join(Shared shared, Path directory) throws IOException {
        Round mine;
        synchronized (shared) {
            mine = shared.next;
            while (!mine.done && shared.busy) {
                await(shared);
            }
            if (!mine.done) {
                shared.busy = true;
                shared.next = new Round();
            }
        }
        if (!mine.done) {
            lead(shared, mine, directory);
        }
        IOException failure = mine.failure;
        if (failure != null) {
            throw new IOException(failure.getMessage(), failure);
        }
    }

    private void lead(Shared shared, Round round, Path directory) {
        IOException failure = null;
        try {
            disk.syncDirectory(directory);
        } catch (IOException e) {
            failure = e;
        }
        synchronized (shared) {
            round.failure = failure;
            round.done = true;
            shared.busy = false;
            shared.notifyAll();
        }
    }

    private static void await(Shared shared) throws IOException {
        try {
            shared.wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
