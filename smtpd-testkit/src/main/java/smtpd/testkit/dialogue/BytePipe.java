package smtpd.testkit.dialogue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Bytes from one thread to another, in the pieces they were written in or larger ones; without a
/// bound, for tests.
public final class BytePipe {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Duration patience;
    private boolean closed;

    /// @param patience how long reading waits before it throws [InterruptedIOException]
    public BytePipe(Duration patience) {
        this.patience = patience;
    }

    /// The writing end; a write after the close fails.
    public OutputStream out() {
        return new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                write(new byte[] {(byte) octet}, 0, 1);
            }

            @Override
            public void write(byte[] from, int offset, int length) throws IOException {
                put(from, offset, length);
            }

            @Override
            public void close() {
                BytePipe.this.close();
            }
        };
    }

    /// The reading end.
    public InputStream in() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                return take(into, offset, length);
            }

            @Override
            public int available() {
                return BytePipe.this.available();
            }
        };
    }

    /// Ends the stream: what was written can still be read.
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void put(byte[] from, int offset, int length) throws IOException {
        lock.lock();
        try {
            if (closed) {
                throw new IOException("Broken pipe");
            }
            bytes.write(from, offset, length);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private int available() {
        lock.lock();
        try {
            return bytes.size();
        } finally {
            lock.unlock();
        }
    }

    private int take(byte[] into, int offset, int length) throws IOException {
        lock.lock();
        try {
            long left = patience.toNanos();
            while (bytes.size() == 0 && !closed) {
                if (left <= 0) {
                    throw new InterruptedIOException("nothing to read for " + patience);
                }
                left = changed.awaitNanos(left);
            }
            if (bytes.size() == 0) {
                return -1;
            }
            byte[] all = bytes.toByteArray();
            int count = Math.min(length, all.length);
            System.arraycopy(all, 0, into, offset, count);
            bytes.reset();
            bytes.writeBytes(Arrays.copyOfRange(all, count, all.length));
            return count;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } finally {
            lock.unlock();
        }
    }
}
