package smtpd.lka.filter;

import org.jspecify.annotations.Nullable;

import smtpd.core.sys.Descriptors;
import smtpd.core.sys.FdSocket;
import smtpd.core.sys.SysException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// One run of a program: a thread that reads its lines and hands them over in batches, the next
/// when the one before was dealt with, and a thread that writes what it is told.
final class ProgramRun implements Voice {
    private static final int BUFFER = 1 << 16;

    private final FdSocket socket;
    private final Runnable drained;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Semaphore mayRead = new Semaphore(1);
    private ByteArrayOutputStream outgoing = new ByteArrayOutputStream();
    private ByteArrayOutputStream spare = new ByteArrayOutputStream();
    private long unread;
    private long movedNanos = System.nanoTime();
    private volatile String end = "";

    /// @param socket the program's standard input and output
    /// @param drained run by the writer when everything was taken
    ProgramRun(FdSocket socket, Runnable drained) {
        this.socket = socket;
        this.drained = drained;
    }

    /// Reads until it is over; returns why. Called by a platform thread.
    ///
    /// @param name for names of threads
    /// @param heard given the lines as they come
    String run(String name, Consumer<List<String>> heard) {
        Thread writer =
                Thread.ofPlatform().name("filter write " + name).daemon(true).start(this::write);
        String why;
        try {
            why = read(heard);
        } catch (IOException e) {
            why = String.valueOf(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            why = "was interrupted";
        }
        end(why);
        try {
            writer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        socket.close();
        return end;
    }

    private String read(Consumer<List<String>> heard) throws IOException, InterruptedException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
        byte[] rest = new byte[0];
        while (true) {
            mayRead.acquire();
            // a program has no descriptors to give
            int count = socket.receive(buffer.clear(), Descriptors::close);
            if (count < 0) {
                return "ended";
            }
            byte[] bytes = new byte[rest.length + buffer.flip().remaining()];
            System.arraycopy(rest, 0, bytes, 0, rest.length);
            buffer.get(bytes, rest.length, bytes.length - rest.length);
            List<String> lines = new ArrayList<>();
            int from = 0;
            for (int at = rest.length; at < bytes.length; at++) {
                if (bytes[at] == '\n') {
                    lines.add(new String(bytes, from, at - from, StandardCharsets.ISO_8859_1));
                    from = at + 1;
                }
            }
            rest = java.util.Arrays.copyOfRange(bytes, from, bytes.length);
            if (rest.length > FilterProtocol.LINE_MAX) {
                return "wrote a line longer than " + FilterProtocol.LINE_MAX;
            }
            if (lines.isEmpty()) {
                mayRead.release();
            } else {
                heard.accept(lines);
            }
        }
    }

    private void write() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
        try {
            byte @Nullable [] bytes = next();
            while (bytes != null) {
                for (int from = 0; from < bytes.length; from += BUFFER) {
                    int count = Math.min(BUFFER, bytes.length - from);
                    buffer.clear().put(bytes, from, count);
                    socket.send(buffer.flip());
                    moved(count);
                }
                bytes = next();
            }
        } catch (SysException e) {
            end("does not read: " + e.getMessage());
        }
    }

    /// Waits for something to write; null at the end.
    private byte @Nullable [] next() {
        lock.lock();
        try {
            while (outgoing.size() == 0 && end.isEmpty()) {
                work.awaitUninterruptibly();
            }
            if (!end.isEmpty()) {
                return null;
            }
            ByteArrayOutputStream full = outgoing;
            outgoing = spare;
            spare = full;
            byte[] bytes = full.toByteArray();
            spare = full.size() > BUFFER ? new ByteArrayOutputStream() : full;
            spare.reset();
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    private void moved(int count) {
        boolean empty;
        lock.lock();
        try {
            unread -= count;
            movedNanos = System.nanoTime();
            empty = unread == 0;
        } finally {
            lock.unlock();
        }
        if (empty) {
            drained.run();
        }
    }

    @Override
    public void say(String lines) {
        byte[] bytes = lines.getBytes(StandardCharsets.ISO_8859_1);
        lock.lock();
        try {
            if (!end.isEmpty()) {
                return;
            }
            if (unread == 0) {
                movedNanos = System.nanoTime();
            }
            unread += bytes.length;
            outgoing.writeBytes(bytes);
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long unread() {
        lock.lock();
        try {
            return unread;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long stuckMillis() {
        lock.lock();
        try {
            return unread == 0 ? 0 : (System.nanoTime() - movedNanos) / 1_000_000;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void listen() {
        mayRead.release();
    }

    @Override
    public void end(String why) {
        lock.lock();
        try {
            if (end.isEmpty()) {
                end = why;
            }
            work.signal();
        } finally {
            lock.unlock();
        }
        socket.shutdown();
        // a reader that waits for its turn finds the end of the stream
        mayRead.release();
    }
}
