package smtpd.queue;

import smtpd.core.imsg.BodyChunk;
import smtpd.core.imsg.BodyFailed;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.MsgId;
import smtpd.core.proc.ContentReader;
import smtpd.core.proc.LinkPeer;
import smtpd.queue.store.Content;
import smtpd.queue.store.Piece;
import smtpd.queue.store.Refused;
import smtpd.queue.store.Store;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Streams the content of messages to one peer: as much as it has granted, straight from the store,
/// in the thread that hears the peer.
final class ContentStreams {
    /// Streams a peer may have open: more than its sessions.
    static final int OPEN_MAX = 10_000;

    private final Store store;
    private final Chunks chunks;
    private final Failures failures;
    private final Map<Long, Stream> streams = new ConcurrentHashMap<>();

    /// Sends the next chunk in answer to a request.
    interface Chunks {
        void answer(long request, BodyChunk chunk);
    }

    /// Says in answer to a request that there will be no more.
    interface Failures {
        void answer(long request, BodyFailed failed);
    }

    /// A content that is being read, one piece ahead: so that the last chunk can say that it is the
    /// last.
    private static final class Stream {
        private final long request;
        private final Content content;
        private Piece ahead;
        private int credit = ContentReader.WINDOW;

        private Stream(long request, Content content) {
            this.request = request;
            this.content = content;
            ahead = content.next();
        }
    }

    ContentStreams(Store store, Chunks chunks, Failures failures) {
        this.store = store;
        this.chunks = chunks;
        this.failures = failures;
    }

    /// A peer wants a content.
    void open(long request, MsgId msgid) {
        if (streams.size() >= OPEN_MAX) {
            failures.answer(request, new BodyFailed("too many open contents"));
            return;
        }
        Optional<Content> content = store.content(msgid);
        if (content.isEmpty()) {
            failures.answer(request, new BodyFailed("no such message"));
            return;
        }
        Stream stream = new Stream(request, content.get());
        streams.put(LinkPeer.askersId(request), stream);
        push(stream);
    }

    /// A peer grants more, or is done with a content.
    ///
    /// @param id the open request's id as the peer knows it
    void credit(long id, int bytes) {
        Stream stream = streams.get(id);
        if (stream == null) {
            return;
        }
        if (bytes <= 0) {
            close(stream);
            return;
        }
        stream.credit += Math.min(bytes, ContentReader.WINDOW);
        push(stream);
    }

    /// The peer is gone.
    void closeAll() {
        streams.values().forEach(this::close);
    }

    private void close(Stream stream) {
        streams.remove(LinkPeer.askersId(stream.request));
        stream.content.close();
    }

    private void push(Stream stream) {
        boolean more = true;
        while (more && stream.credit > 0) {
            more = pushOne(stream);
        }
    }

    /// Sends the piece ahead; false if that was the end.
    private boolean pushOne(Stream stream) {
        switch (stream.ahead) {
            case Piece.Chunk(Bytes bytes) -> {
                stream.ahead = stream.content.next();
                stream.credit -= bytes.length();
                boolean last = stream.ahead instanceof Piece.End;
                chunks.answer(stream.request, new BodyChunk(bytes, last));
                if (last) {
                    close(stream);
                }
                return !last;
            }
            case Piece.End _ -> chunks.answer(stream.request, new BodyChunk(Bytes.EMPTY, true));
            case Refused refused -> failures.answer(stream.request, new BodyFailed(refused.text()));
        }
        close(stream);
        return false;
    }
}
