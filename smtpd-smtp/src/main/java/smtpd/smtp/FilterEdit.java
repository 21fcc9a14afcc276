package smtpd.smtp;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.imsg.SmtpToLka;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.SessionId;
import smtpd.core.smtp.ByteSink;
import smtpd.smtp.protocol.Filters;
import smtpd.smtp.protocol.Limits;

import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// One message on its way to filters and back. The session writes, a thread of its own takes what
/// comes back, so that a slow client holds nobody up who has to get rid of something.
///
/// # Limits
///
/// [SmtpToLka#CONTENT_WINDOW] bytes there and [SmtpToLka#EDITED_WINDOW] bytes back are under way at
/// most.
final class FilterEdit implements Filters.Edit {
    private static final Logger LOG = LoggerFactory.getLogger(FilterEdit.class);

    /// Bytes in one frame.
    private static final int PART = 16 * 1024;

    private final long content;
    private final FilterLink.Ways ways;
    private final ByteSink result;
    private final Runnable forget;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Bytes> back = new ArrayDeque<>();
    private final byte[] part = new byte[PART];
    private int filled;
    private int window = SmtpToLka.CONTENT_WINDOW;
    private boolean sent;
    private boolean over;
    private boolean whole;
    private boolean drained;

    FilterEdit(long content, FilterLink.Ways ways, ByteSink result, Runnable forget) {
        this.content = content;
        this.ways = ways;
        this.result = result;
        this.forget = forget;
    }

    void begin(SessionId session) {
        ways.send(new SmtpToLka.ContentBegin(session, content));
        Thread.ofVirtual().start(this::drain);
    }

    /// Hands on what comes back, until there is no more.
    private void drain() {
        try {
            Bytes next = next();
            while (next.length() > 0) {
                result.write(next.array(), next.offset(), next.length());
                ways.send(new SmtpToLka.EditedCredit(content, next.length()));
                next = next();
            }
        } catch (RuntimeException e) {
            // an error of ours is the end of this message, not of the process
            LOG.error("warn: an edited message", e);
            locked(() -> {
                whole = false;
                over = true;
            });
        } finally {
            locked(() -> drained = true);
        }
    }

    /// What comes next; empty at the end.
    private Bytes next() {
        lock.lock();
        try {
            while (back.isEmpty() && !over) {
                changed.awaitUninterruptibly();
            }
            Bytes next = back.poll();
            return next == null ? Bytes.EMPTY : next;
        } finally {
            lock.unlock();
        }
    }

    private void locked(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// lka has dealt with some.
    void give(int bytes) {
        locked(() -> window = Math.min(SmtpToLka.CONTENT_WINDOW, window + Math.max(0, bytes)));
    }

    /// A piece has come back.
    void take(Bytes bytes) {
        locked(() -> back.add(bytes));
    }

    /// Nothing comes back any more.
    void end(boolean complete) {
        locked(() -> {
            whole |= complete && !over;
            over = true;
        });
    }

    @Override
    public boolean lost() {
        lock.lock();
        try {
            return over && !whole;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        int at = offset;
        int end = offset + length;
        while (at < end) {
            int count = Math.min(end - at, PART - filled);
            System.arraycopy(bytes, at, part, filled, count);
            filled += count;
            at += count;
            if (filled == PART) {
                send();
            }
        }
    }

    private void send() {
        int count = filled;
        filled = 0;
        if (count > 0 && awaitWindow(count)) {
            ways.send(new SmtpToLka.ContentPart(content, Bytes.of(part, 0, count)));
        }
    }

    /// Waits until that many bytes may be sent; false if that makes no sense any more.
    private boolean awaitWindow(int bytes) {
        lock.lock();
        try {
            long nanos = Limits.FILTER_PATIENCE.toNanos();
            while (window < bytes && !over && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
            window -= bytes;
            return !over && nanos > 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean finish() {
        send();
        tellEnd(true);
        lock.lock();
        try {
            long nanos = Limits.FILTER_PATIENCE.toNanos();
            while (!(over && drained) && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
            return whole && drained;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void tellEnd(boolean wanted) {
        if (!sent) {
            sent = true;
            ways.send(new SmtpToLka.ContentEnd(content, wanted));
        }
    }

    @Override
    public void close() {
        forget.run();
        tellEnd(false);
        lock.lock();
        try {
            back.clear();
            over = true;
            changed.signalAll();
            while (!drained) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }
}
