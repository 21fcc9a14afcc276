package smtpd.smtp.protocol;

import smtpd.core.imsg.FilterEvent;
import smtpd.core.imsg.StoreTrouble;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;
import smtpd.core.proc.PeerLost;
import smtpd.core.smtp.MailParams;
import smtpd.core.smtp.Reply;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// One mail on its way in: from MAIL to the end of DATA, or to whatever ends it before. Ends
/// exactly once, by [#commit] or by [#rollback].
///
/// Belongs to its session's thread.
public final class Transaction {
    private final Queue queue;
    private final MsgId msgid;
    private final MailAddr sender;
    private final MailParams params;
    private final List<Recipient> recipients = new ArrayList<>();
    private final Filters filters;
    private boolean tried;
    private boolean ended;

    /// An accepted recipient.
    ///
    /// @param rcpt as received
    /// @param envelopes what it was expanded to
    public record Recipient(MailAddr rcpt, List<EvpId> envelopes) {}

    /// @param queue where the message is kept
    /// @param msgid the message it gave us
    /// @param sender the reverse-path
    /// @param params what else MAIL said
    public Transaction(Queue queue, MsgId msgid, MailAddr sender, MailParams params) {
        this(queue, msgid, sender, params, Filters.NONE);
    }

    /// @param filters told how it ends
    public Transaction(
            Queue queue, MsgId msgid, MailAddr sender, MailParams params, Filters filters) {
        this.filters = filters;
        this.queue = queue;
        this.msgid = msgid;
        this.sender = sender;
        this.params = params;
    }

    /// The message.
    public MsgId msgid() {
        return msgid;
    }

    /// The reverse-path.
    public MailAddr sender() {
        return sender;
    }

    /// What else MAIL said.
    public MailParams params() {
        return params;
    }

    /// A recipient was named, with whatever result.
    public void tried() {
        tried = true;
    }

    /// A recipient was accepted.
    public void add(Recipient recipient) {
        recipients.add(recipient);
    }

    /// The accepted recipients; a live view.
    public List<Recipient> recipients() {
        return Collections.unmodifiableList(recipients);
    }

    /// Whether recipients were named but none was accepted.
    public boolean allRefused() {
        return tried && recipients.isEmpty();
    }

    /// Makes it durable. Only [Queue.Settled.Durable] may be confirmed to the client.
    ///
    /// @param size bytes of content sent to the queue
    /// @param checksum CRC-32C of them
    public Queue.Settled commit(long size, int checksum) {
        ended = true;
        Queue.Settled settled = settle(size, checksum);
        if (settled instanceof Queue.Settled.Durable && filters.active()) {
            filters.afterReply(FilterEvent.TX_COMMIT, msgid.toString(), Long.toString(size));
            filters.afterReply(FilterEvent.TX_RESET, msgid.toString());
        }
        return settled;
    }

    private Queue.Settled settle(long size, int checksum) {
        try {
            return queue.commit(msgid, size, checksum);
        } catch (PeerLost e) {
            return new Queue.Settled.Refused(StoreTrouble.OTHER, String.valueOf(e.getMessage()));
        }
    }

    /// Tells filters how the wish to send content, or the content, is answered.
    public void data(Reply reply) {
        if (filters.active()) {
            filters.afterReply(FilterEvent.TX_DATA, msgid.toString(), Filters.result(reply));
        }
    }

    /// Forgets it because its content is refused.
    ///
    /// @param reply what the client is about to be told
    public void refuse(Reply reply) {
        if (!ended) {
            ended = true;
            queue.rollback(msgid);
            failed(reply);
        }
    }

    /// Tells filters that it has not become durable.
    ///
    /// @param reply what the client is about to be told
    public void failed(Reply reply) {
        if (filters.active()) {
            data(reply);
            filters.afterReply(FilterEvent.TX_ROLLBACK, msgid.toString());
            filters.afterReply(FilterEvent.TX_RESET, msgid.toString());
        }
    }

    /// Forgets it, if it has not ended.
    public void rollback() {
        if (!ended) {
            ended = true;
            queue.rollback(msgid);
            if (filters.active()) {
                filters.report(FilterEvent.TX_ROLLBACK, msgid.toString());
                filters.report(FilterEvent.TX_RESET, msgid.toString());
            }
        }
    }
}
