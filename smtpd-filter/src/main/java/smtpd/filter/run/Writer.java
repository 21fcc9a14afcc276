package smtpd.filter.run;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// What is said to the server. Lines gather while others are written; whoever writes waits while
/// [#WAITING_MAX] bytes are not taken.
final class Writer {
    /// Bytes that wait to be written; above, sessions wait, and the server is not read from.
    static final int WAITING_MAX = 1 << 18;

    private final OutputStream out;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private ByteArrayOutputStream waiting = new ByteArrayOutputStream();
    private boolean writing;
    private boolean closing;
    private boolean broken;

    Writer(OutputStream out) {
        this.out = out;
        Thread.ofPlatform().name("writer").daemon(true).start(this::run);
    }

    /// Adds lines. Blocks while too much is waiting; does nothing once the server has gone.
    void write(byte[] lines) {
        lock.lock();
        try {
            awaitRoom();
            if (!broken && !closing) {
                waiting.write(lines, 0, lines.length);
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Waits until there is room.
    void awaitRoom() {
        lock.lock();
        try {
            while (waiting.size() >= WAITING_MAX && !broken && !closing) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            ByteArrayOutputStream taken = take(new ByteArrayOutputStream());
            while (taken.size() > 0) {
                taken.writeTo(out);
                out.flush();
                taken = take(taken);
            }
        } catch (IOException e) {
            finish(true);
        }
        finish(false);
    }

    /// Gives back an empty buffer for a full one; an empty one at the end.
    private ByteArrayOutputStream take(ByteArrayOutputStream written) {
        lock.lock();
        try {
            written.reset();
            writing = false;
            changed.signalAll();
            while (waiting.size() == 0 && !closing) {
                changed.awaitUninterruptibly();
            }
            writing = true;
            ByteArrayOutputStream taken = waiting;
            waiting = written;
            changed.signalAll();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    private void finish(boolean isBroken) {
        lock.lock();
        try {
            broken |= isBroken;
            writing = false;
            waiting.reset();
            closing = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Writes what is waiting, if that can be done in time, and ends.
    void close(Duration patience) {
        lock.lock();
        try {
            long left = patience.toNanos();
            while ((waiting.size() > 0 || writing) && !broken && left > 0) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closing = true;
            changed.signalAll();
            lock.unlock();
        }
    }
}
