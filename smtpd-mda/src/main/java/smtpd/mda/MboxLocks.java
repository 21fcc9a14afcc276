package smtpd.mda;

import smtpd.mda.Disk.FileFacts;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Keeps everyone else off an mbox while we append to it: the other deliveries of this process, the
/// programs that make a `.lock` file, and those that use fcntl(2).
final class MboxLocks {
    /// How long another program may hold a mailbox before the message is tried later.
    static final Duration PATIENCE = Duration.ofSeconds(30);

    /// A `.lock` file older than this was left by a program that died.
    static final Duration STALE = Duration.ofMinutes(5);

    private static final Duration POLL = Duration.ofMillis(50);

    private final Disk disk;
    private final InstantSource clock;
    private final ConcurrentHashMap<Path, Turn> turns = new ConcurrentHashMap<>();

    /// Whose turn it is among our own deliveries.
    private static final class Turn {
        private final Semaphore free = new Semaphore(1, true);
        private int interested;
    }

    MboxLocks(Disk disk, InstantSource clock) {
        this.disk = disk;
        this.clock = clock;
    }

    /// Runs the file system calls on a `.lock` file with the rights they need.
    interface Locker {
        /// Runs them.
        <T> T run(AsUser.FileWork<T> work) throws IOException;
    }

    /// What is done with the locked mailbox.
    @FunctionalInterface
    interface Work {
        /// Does it.
        void run() throws IOException;
    }

    /// Waits for our turn and for the `.lock` file, and runs `work`.
    ///
    /// @throws DeliveryFailure if the mailbox stays locked
    void whileMine(Locker locker, Path mailbox, Work work) throws IOException {
        Turn turn =
                java.util.Objects.requireNonNull(
                        turns.compute(
                                mailbox,
                                (path, known) -> {
                                    Turn it = known == null ? new Turn() : known;
                                    it.interested++;
                                    return it;
                                }));
        try {
            acquire(turn, mailbox);
            try {
                whileDotLocked(locker, mailbox, work);
            } finally {
                turn.free.release();
            }
        } finally {
            turns.computeIfPresent(mailbox, (path, it) -> --it.interested == 0 ? null : it);
        }
    }

    private static void acquire(Turn turn, Path mailbox) throws IOException {
        try {
            if (!turn.free.tryAcquire(2 * PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw locked(mailbox);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw locked(mailbox);
        }
    }

    private void whileDotLocked(Locker locker, Path mailbox, Work work) throws IOException {
        Path lock = Path.of(mailbox + ".lock");
        Instant until = clock.instant().plus(PATIENCE);
        boolean made = false;
        while (!made) {
            try {
                locker.run(() -> {
                    disk.create(lock).close();
                    return true;
                });
                made = true;
            } catch (FileAlreadyExistsException _) {
                waitForDotLock(locker, mailbox, lock, until);
            } catch (AccessDeniedException _) {
                // The directory is not the user's: fcntl(2) has to do.
                break;
            }
        }
        try {
            work.run();
        } finally {
            if (made) {
                remove(locker, lock);
            }
        }
    }

    private void waitForDotLock(Locker locker, Path mailbox, Path lock, Instant until)
            throws IOException {
        Optional<FileFacts> facts = locker.run(() -> disk.facts(lock));
        Instant now = clock.instant();
        if (facts.isPresent() && facts.get().modified().plus(STALE).isBefore(now)) {
            remove(locker, lock);
            return;
        }
        pause(mailbox, until);
    }

    private void remove(Locker locker, Path lock) throws IOException {
        locker.run(() -> {
            disk.delete(lock);
            return true;
        });
    }

    /// Waits for the fcntl(2) lock of the open mailbox.
    void lock(Path mailbox, MailFile file) throws IOException {
        Instant until = clock.instant().plus(PATIENCE);
        while (!file.tryLock()) {
            pause(mailbox, until);
        }
    }

    private void pause(Path mailbox, Instant until) throws IOException {
        if (!clock.instant().isBefore(until)) {
            throw locked(mailbox);
        }
        LockSupport.parkNanos(POLL.toNanos());
    }

    private static DeliveryFailure locked(Path mailbox) {
        return new DeliveryFailure(Verdict.tempfail("4.2.0", mailbox + ": mailbox is locked"));
    }
}
