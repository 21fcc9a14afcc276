package smtpd.mta;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.MtaToQueue;
import smtpd.core.imsg.QueueToMta;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.MsgId;
import smtpd.core.proc.ContentReader;
import smtpd.core.proc.LinkPeer;

import java.io.IOException;

/// Content as the queue streams it.
public final class QueueContent implements ContentSource {
    private final LinkPeer<MtaToQueue, QueueToMta> queue;

    /// @param queue the queue as a peer
    public QueueContent(LinkPeer<MtaToQueue, QueueToMta> queue) {
        this.queue = queue;
    }

    @Override
    public Content open(MsgId msgid) {
        ContentReader reader =
                ContentReader.open(
                        queue, new MtaToQueue.OpenBody(msgid), MtaToQueue.BodyCredit::new);
        return new Stream(reader);
    }

    private record Stream(ContentReader reader) implements Content {
        @Override
        public @Nullable Bytes next() throws ContentLost {
            try {
                return reader.next();
            } catch (IOException e) {
                throw new ContentLost(String.valueOf(e.getMessage()));
            }
        }

        @Override
        public void close() {
            reader.close();
        }
    }
}
