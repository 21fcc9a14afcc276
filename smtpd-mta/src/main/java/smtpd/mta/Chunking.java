package smtpd.mta;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;
import smtpd.core.smtp.Reply;

import java.io.ByteArrayOutputStream;

/// Sends content in chunks (RFC 3030 §2): a BDAT command with a length, then so many octets. Where
/// PIPELINING is offered a chunk goes out before the one in front of it is answered.
///
/// Lines end with CRLF as they do after DATA: a bare CR or LF may not be sent without BINARYMIME
/// (RFC 3030 §3).
final class Chunking {
    private final Dialogue dialogue;
    private final boolean pipelining;
    private boolean cr;
    private int unanswered;

    Chunking(Dialogue dialogue, boolean pipelining) {
        this.dialogue = dialogue;
        this.pipelining = pipelining;
    }

    /// What the sender of the content wants to know.
    interface Watch {
        /// The last octets are about to go out: from now on the server may have the message.
        void ending();
    }

    /// Sends all of it and returns the reply to the last chunk, or the first that is no success:
    /// then the rest is not sent.
    Reply send(@Nullable Bytes first, ContentSource.Content content, Watch watch)
            throws SessionEnd, ContentSource.ContentLost {
        Bytes chunk = first == null ? Bytes.EMPTY : first;
        while (true) {
            Bytes next = content.next();
            boolean last = next == null;
            byte[] octets = withLineEnds(chunk, last);
            dialogue.command("BDAT " + octets.length + (last ? " LAST" : ""));
            dialogue.write(octets, 0, octets.length);
            if (last) {
                watch.ending();
            }
            dialogue.flush(last ? Phase.END_OF_DATA : Phase.DATA);
            unanswered++;
            Reply refusal = answered(last || !pipelining ? 0 : 1, last);
            if (refusal != null) {
                return refusal;
            }
            chunk = next == null ? Bytes.EMPTY : next;
        }
    }

    /// Reads replies until `most` are missing; returns the last of the message, or a refusal.
    private @Nullable Reply answered(int most, boolean last) throws SessionEnd {
        @Nullable Reply refusal = null;
        while (unanswered > most || (refusal != null && unanswered > 0)) {
            boolean ending = last && unanswered == 1;
            Reply reply = dialogue.reply(ending ? Phase.END_OF_DATA : Phase.DATA);
            unanswered--;
            if (reply.kind() == Reply.Kind.INTERMEDIATE) {
                throw Dialogue.outOfStep(Phase.DATA, reply.line());
            }
            if (refusal == null && (ending || reply.kind() != Reply.Kind.COMPLETED)) {
                refusal = reply;
            }
        }
        return refusal;
    }

    private byte[] withLineEnds(Bytes chunk, boolean last) {
        byte[] array = chunk.array();
        int end = chunk.offset() + chunk.length();
        ByteArrayOutputStream out = new ByteArrayOutputStream(chunk.length() + 2);
        int from = chunk.offset();
        for (int i = from; i < end; i++) {
            byte octet = array[i];
            if (octet == '\n' && !cr) {
                out.write(array, from, i - from);
                out.write('\r');
                from = i;
            } else if (octet != '\n' && cr) {
                out.write(array, from, i - from);
                out.write('\n');
                from = i;
            }
            cr = octet == '\r';
        }
        out.write(array, from, end - from);
        if (last && cr) {
            out.write('\n');
        }
        return out.toByteArray();
    }
}
