package smtpd.core.proc;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.imsg.Codec;
import smtpd.core.imsg.Frame;
import smtpd.core.imsg.FrameOut;
import smtpd.core.sys.FdSocket;
import smtpd.core.sys.SysException;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// One end of a socket pair between two processes: frames out, frames in.
///
/// Frames are appended to a buffer under a lock; the first sender that finds no flusher becomes it
/// and writes until nothing is left, so that frames batch by themselves under load. It never waits
/// for the peer: when the socket is full, a writer thread takes over. Senders that may wait do so
/// above [#HIGH_WATER] bytes, at most [#PATIENCE]; an agent never waits. A peer that lets sessions
/// wait longer, or [#LIMIT] bytes pile up, is given up.
///
/// @param <O> what is sent
/// @param <I> what is received
final class Link<O, I> {
    /// Unsent bytes above which sessions wait.
    static final int HIGH_WATER = 1 << 20;

    /// Unsent bytes that mean the peer has stopped reading.
    static final int LIMIT = 64 << 20;

    /// How long a session waits for a peer to read: longer than any answer is waited for.
    static final Duration PATIENCE = Duration.ofSeconds(60);

    /// How long a peer may take to accept a descriptor: it only has to read.
    static final Duration FD_PATIENCE = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(Link.class);

    private final String name;
    private final FdSocket socket;
    private final Codec<O> codec;
    private final LinkReader<I> reader;
    private final LinkWriter writer;
    private final Duration patience;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private FrameOut pending = new FrameOut(8192);
    private FrameOut spare = new FrameOut(8192);
    private boolean flushing;
    private volatile boolean ended;

    /// @param name both ends, for thread names and the log
    /// @param socket our end, owned by the link from now on
    /// @param out the edge to the peer
    /// @param in the edge from the peer
    /// @param listener told what arrives
    Link(String name, FdSocket socket, Codec<O> out, Codec<I> in, LinkListener<I> listener) {
        this(name, socket, out, in, listener, PATIENCE);
    }

    /// @param patience in the place of [#PATIENCE]
    Link(
            String name,
            FdSocket socket,
            Codec<O> out,
            Codec<I> in,
            LinkListener<I> listener,
            Duration patience) {
        this.name = name;
        this.patience = patience;
        this.socket = socket;
        codec = out;
        reader = new LinkReader<>(this, socket, in, listener);
        writer = new LinkWriter(name, socket);
    }

    /// Starts the reader thread, which is silent until that of `previous` has said its last word.
    void start(@Nullable Link<O, I> previous) {
        if (previous != null) {
            reader.follow(previous.reader);
        }
        Thread.ofPlatform().name("link " + name).daemon(true).start(reader);
    }

    String name() {
        return name;
    }

    /// Ends the link; the listener hears of it from the reader thread.
    void close() {
        ended = true;
        socket.shutdown();
        lock.lock();
        try {
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Gives the descriptor back, when the reader is done.
    void release() {
        close();
        writer.stop();
        socket.close();
    }

    /// Appends a frame without flushing it; true if it was taken, false when the link has ended.
    boolean append(long id, int flags, O message) {
        lock.lock();
        try {
            return appendLocked(id, flags, message);
        } finally {
            lock.unlock();
        }
    }

    private boolean appendLocked(long id, int flags, O message) {
        if (ended) {
            return false;
        }
        if (pending.length() > LIMIT) {
            giveUp();
            return false;
        }
        Frame.encode(codec, id, flags, message, pending);
        return true;
    }

    /// The peer does not read.
    private void giveUp() {
        LOG.warn("warn: link {}: the peer does not read", name);
        close();
    }

    /// Appends a frame and flushes, waiting while too much is unsent; for sessions.
    boolean send(long id, int flags, O message) {
        boolean taken = appendPatiently(id, flags, message);
        if (taken) {
            flush();
        }
        return taken;
    }

    /// Appends a frame without flushing it, waiting while too much is unsent; for sessions that are
    /// about to send another.
    boolean appendPatiently(long id, int flags, O message) {
        lock.lock();
        try {
            awaitRoom();
            return appendLocked(id, flags, message);
        } finally {
            lock.unlock();
        }
    }

    /// Returns when there is room or the link has ended. With the lock held. An interrupted session
    /// waits on: it still has to say that it ends.
    private void awaitRoom() {
        long deadline = System.nanoTime() + patience.toNanos();
        boolean interrupted = false;
        while (pending.length() > HIGH_WATER && !ended) {
            try {
                if (room.awaitNanos(deadline - System.nanoTime()) <= 0) {
                    giveUp();
                }
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Sends a frame with a descriptor, of which the peer gets a duplicate; waits for the peer to
    /// take it, at most [#FD_PATIENCE]: then the peer is given up.
    boolean sendWithFd(long id, int flags, O message, int fd) {
        FrameOut frame = new FrameOut(1024);
        Frame.encode(codec, id, flags | Frame.WITH_FD, message, frame);
        long deadline = System.nanoTime() + FD_PATIENCE.toNanos();
        FrameOut before = becomeFlusher(deadline);
        if (before == null) {
            close();
            return false;
        }
        boolean sent = false;
        try {
            sent = writer.writeBy(before, deadline) && writer.writeWithFd(frame, fd, deadline);
        } catch (SysException e) {
            LOG.debug("debug: link {}: {}", name, e.getMessage());
        }
        if (!sent) {
            close();
        }
        giveBack(before);
        flush();
        return sent;
    }

    /// Waits until nobody else writes; returns what is to be written first, or null if the link has
    /// ended or the time is up.
    private @Nullable FrameOut becomeFlusher(long deadline) {
        lock.lock();
        try {
            while (flushing && !ended) {
                if (room.awaitNanos(deadline - System.nanoTime()) <= 0) {
                    return null;
                }
            }
            return ended ? null : swap();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        } finally {
            lock.unlock();
        }
    }

    /// Writes out what was appended, unless somebody is already doing so.
    void flush() {
        while (true) {
            FrameOut full = takePending();
            if (full == null) {
                return;
            }
            boolean done = writer.write(full, this::flushedByWriter);
            if (!done) {
                return;
            }
            giveBack(full);
        }
    }

    private @Nullable FrameOut takePending() {
        lock.lock();
        try {
            return flushing || pending.length() == 0 || ended ? null : swap();
        } finally {
            lock.unlock();
        }
    }

    /// The caller becomes the flusher of what is returned. With the lock held.
    private FrameOut swap() {
        flushing = true;
        FrameOut full = pending;
        pending = spare;
        return full;
    }

    private void giveBack(FrameOut written) {
        written.clear();
        lock.lock();
        try {
            spare = written.array().length > HIGH_WATER ? new FrameOut(8192) : written;
            flushing = false;
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// The writer thread has written the rest of `full`, or failed to.
    private void flushedByWriter(FrameOut full, boolean ok) {
        giveBack(full);
        if (ok) {
            flush();
        } else {
            close();
        }
    }
}
