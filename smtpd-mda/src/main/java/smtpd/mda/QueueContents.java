package smtpd.mda;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.MdaToQueue;
import smtpd.core.imsg.QueueToMda;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.MsgId;
import smtpd.core.proc.ContentReader;
import smtpd.core.proc.LinkPeer;

import java.io.IOException;

/// Contents streamed from the queue.
public final class QueueContents implements Content.Source {
    private final LinkPeer<MdaToQueue, QueueToMda> queue;

    /// @param queue the queue as a peer
    public QueueContents(LinkPeer<MdaToQueue, QueueToMda> queue) {
        this.queue = queue;
    }

    @Override
    public Content open(MsgId msgid) {
        return new Streamed(
                ContentReader.open(
                        queue, new MdaToQueue.OpenBody(msgid), MdaToQueue.BodyCredit::new));
    }

    /// @param reader the stream
    private record Streamed(ContentReader reader) implements Content {
        @Override
        public @Nullable Bytes next() throws IOException {
            return reader.next();
        }

        @Override
        public void close() {
            reader.close();
        }
    }
}
