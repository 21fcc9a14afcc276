package smtpd.core.proc;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.BodyChunk;
import smtpd.core.imsg.BodyFailed;
import smtpd.core.imsg.ImsgViolation;
import smtpd.core.mail.Bytes;
import smtpd.core.sys.Descriptors;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;

/// A message's content as it streams from the queue: chunk by chunk, never more than [#WINDOW]
/// bytes ahead.
///
/// Belongs to one session's thread.
public final class ContentReader implements AutoCloseable {
    /// Bytes the queue may send before the reader grants more.
    public static final int WINDOW = 256 * 1024;

    /// Unread bytes that a queue which keeps to its grants cannot reach, whole chunks included.
    private static final int AHEAD_MAX = 2 * WINDOW;

    /// How long a chunk may take: the queue reads from a local disk.
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final BlockingQueue<Object> arrived = new LinkedBlockingQueue<>();
    private final Runnable forget;
    private final Credit credit;
    private final AtomicInteger ahead = new AtomicInteger();
    private int consumed;
    private boolean ended;

    /// Grants the queue more bytes; 0 ends the stream.
    private interface Credit {
        void grant(int bytes);
    }

    private ContentReader(Credit credit, Runnable forget) {
        this.credit = credit;
        this.forget = forget;
    }

    /// Opens a stream.
    ///
    /// @param queue the queue as a peer
    /// @param open the request for the content
    /// @param grant makes the message that grants `bytes` more for a request
    public static <O, I> ContentReader open(
            LinkPeer<O, I> queue, O open, BiFunction<Long, Integer, O> grant) {
        Opening opening = new Opening();
        ContentReader reader =
                new ContentReader(
                        bytes -> queue.send(grant.apply(opening.id, bytes)),
                        () -> queue.forget(opening.id));
        opening.id = queue.open(open, reader.new Arriving<I>());
        return reader;
    }

    private static final class Opening {
        private long id;
    }

    /// The next chunk, or null at the end.
    ///
    /// @throws IOException if the queue died, was too slow, or cannot read the content: nothing of
    ///   it may count as delivered
    public @Nullable Bytes next() throws IOException {
        while (!ended) {
            Object item = take();
            switch (item) {
                case BodyChunk chunk -> {
                    ended = chunk.last();
                    if (chunk.bytes().length() > 0) {
                        return consume(chunk.bytes());
                    }
                }
                case BodyFailed failed -> throw failed(failed.reason());
                default -> throw failed(item.toString());
            }
        }
        return null;
    }

    private Bytes consume(Bytes bytes) {
        int unread = ahead.addAndGet(-bytes.length());
        assert unread >= 0;
        consumed += bytes.length();
        if (!ended && consumed >= WINDOW / 2) {
            credit.grant(consumed);
            consumed = 0;
        }
        return bytes;
    }

    private IOException failed(String why) {
        ended = true;
        return new IOException("content: " + why);
    }

    private Object take() throws IOException {
        try {
            Object item = arrived.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            return item == null ? "no chunk in time" : item;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("interrupted");
        }
    }

    /// Ends the stream early, or does nothing after its end.
    @Override
    public void close() {
        if (!ended) {
            ended = true;
            credit.grant(0);
        }
        forget.run();
    }

    /// Collects the answers.
    private final class Arriving<I> implements LinkPeer.Waiter<I> {
        @Override
        public boolean answered(I message, int fd) {
            if (fd >= 0) {
                Descriptors.close(fd);
            }
            if (message instanceof BodyChunk chunk
                    && ahead.addAndGet(chunk.bytes().length()) > AHEAD_MAX) {
                throw new ImsgViolation("more content than granted");
            }
            arrived.add(java.util.Objects.requireNonNull(message));
            return message instanceof BodyFailed
                    || (message instanceof BodyChunk chunk && chunk.last());
        }

        @Override
        public void lost(String why) {
            arrived.add("queue " + why);
        }
    }
}
