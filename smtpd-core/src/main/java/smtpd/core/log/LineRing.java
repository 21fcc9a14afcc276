package smtpd.core.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.UnsynchronizedAppenderBase;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Gathers lines in memory and writes them out a few milliseconds later, all in one piece: whoever
/// logs never waits for the reader of the log, and a thousand lines a second cost a handful of
/// system calls.
///
/// Bounded: beyond [#BYTES_MAX] waiting bytes lines are dropped, as are those that cannot be
/// written; how many is said in a line of its own as soon as there is room.
final class LineRing extends UnsynchronizedAppenderBase<ILoggingEvent> {
    /// Bytes kept for a slow reader of the log.
    static final int BYTES_MAX = 1 << 20;

    /// How long the first line of a batch waits for company.
    private static final long GATHERING_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /// How long the end of logging waits for a reader that does not read.
    private static final long END_MILLIS = 1000;

    private final OutputStream out;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private StringBuilder lines = new StringBuilder();
    private long dropped;
    private boolean ending;
    private final Thread writer;

    /// @param out where the lines go
    LineRing(OutputStream out) {
        this.out = out;
        writer = Thread.ofPlatform().name("log").daemon(true).unstarted(this::write);
    }

    @Override
    public void start() {
        writer.start();
        super.start();
    }

    @Override
    protected void append(ILoggingEvent event) {
        String message = event.getFormattedMessage();
        IThrowableProxy error = event.getThrowableProxy();
        String trace = error == null ? "" : ThrowableProxyUtil.asString(error);
        lock.lock();
        try {
            if (lines.length() + message.length() + trace.length() > BYTES_MAX) {
                dropped++;
                return;
            }
            boolean first = lines.isEmpty();
            lines.append(message).append('\n').append(trace);
            if (first) {
                work.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Writes out what is there and ends.
    @Override
    public void stop() {
        lock.lock();
        try {
            ending = true;
            work.signal();
        } finally {
            lock.unlock();
        }
        try {
            writer.join(END_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        super.stop();
    }

    private void write() {
        StringBuilder empty = new StringBuilder();
        boolean last = false;
        while (!last) {
            StringBuilder full;
            lock.lock();
            try {
                last = awaitWork();
                full = lines;
                lines = empty;
                if (dropped > 0) {
                    full.append("warn: log: ").append(dropped).append(" lines dropped\n");
                    dropped = 0;
                }
            } finally {
                lock.unlock();
            }
            flush(full);
            full.setLength(0);
            empty = full;
        }
    }

    /// Waits for a line, then a moment for more; true when logging ends.
    private boolean awaitWork() {
        try {
            while (lines.isEmpty() && !ending) {
                work.await();
            }
            long left = GATHERING_NANOS;
            while (left > 0 && !ending) {
                left = work.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            return true;
        }
        return ending;
    }

    private void flush(CharSequence full) {
        if (full.isEmpty()) {
            return;
        }
        try {
            out.write(full.toString().getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            addError("log", e);
            lock.lock();
            try {
                dropped += full.chars().filter(c -> c == '\n').count();
            } finally {
                lock.unlock();
            }
        }
    }
}
