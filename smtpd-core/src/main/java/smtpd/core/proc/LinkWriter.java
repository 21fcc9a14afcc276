package smtpd.core.proc;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.FrameOut;
import smtpd.core.sys.FdSocket;
import smtpd.core.sys.SysException;

import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/// The writing half of a link: at once while the socket takes it, by a thread of its own when it
/// does not.
final class LinkWriter {
    private static final int CHUNK = 64 * 1024;

    private final String name;
    private final FdSocket socket;
    private final ByteBuffer direct = ByteBuffer.allocateDirect(CHUNK);
    private final BlockingQueue<Rest> rests = new ArrayBlockingQueue<>(2);
    private @Nullable Thread thread;

    /// Bytes from `written` on are still to be written.
    private record Rest(FrameOut buffer, int written, Finished finished) {}

    /// Told when the thread has written a buffer, or could not.
    interface Finished {
        void finished(FrameOut buffer, boolean ok);
    }

    LinkWriter(String name, FdSocket socket) {
        this.name = name;
        this.socket = socket;
    }

    /// Writes what the socket takes; true if that was all, or writing has failed (the reader sees
    /// the end). False: the thread does the rest and calls `finished`. Only one buffer is ever
    /// under way.
    boolean write(FrameOut buffer, Finished finished) {
        int written = 0;
        try {
            while (written < buffer.length()) {
                fill(buffer, written);
                int count = socket.trySend(direct);
                if (count == 0) {
                    handOver(new Rest(buffer, written, finished));
                    return false;
                }
                written += count;
            }
        } catch (SysException e) {
            socket.shutdown();
        }
        return true;
    }

    /// Writes all, waiting for the peer; false if the time was up first.
    ///
    /// @param deadline in the time of [System#nanoTime]
    boolean writeBy(FrameOut buffer, long deadline) throws SysException {
        int written = 0;
        while (written < buffer.length()) {
            fill(buffer, written);
            int count = socket.trySend(direct);
            if (count == 0 && !socket.awaitWritable(millisTo(deadline))) {
                return false;
            }
            written += count;
        }
        return true;
    }

    /// Writes a short frame with a descriptor, as [#writeBy].
    boolean writeWithFd(FrameOut buffer, int fd, long deadline) throws SysException {
        if (!socket.awaitWritable(millisTo(deadline))) {
            return false;
        }
        fill(buffer, 0);
        socket.sendWithFds(direct, fd);
        return true;
    }

    private static long millisTo(long deadline) {
        return Math.max(0, (deadline - System.nanoTime()) / 1_000_000);
    }

    /// Ends the thread, if there is one.
    synchronized void stop() {
        if (thread != null) {
            thread.interrupt();
        }
    }

    private void writeFrom(FrameOut buffer, int offset) throws SysException {
        int written = offset;
        while (written < buffer.length()) {
            fill(buffer, written);
            int count = direct.remaining();
            socket.send(direct);
            written += count;
        }
    }

    private void fill(FrameOut buffer, int from) {
        direct.clear();
        direct.put(buffer.array(), from, Math.min(CHUNK, buffer.length() - from));
        direct.flip();
    }

    private synchronized void handOver(Rest rest) {
        rests.add(rest);
        if (thread == null) {
            thread =
                    Thread.ofPlatform()
                            .name("link " + name + " writer")
                            .daemon(true)
                            .start(this::run);
        }
    }

    private void run() {
        try {
            while (true) {
                Rest rest = rests.take();
                boolean ok = true;
                try {
                    writeFrom(rest.buffer, rest.written);
                } catch (SysException e) {
                    ok = false;
                }
                rest.finished.finished(rest.buffer, ok);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
