package smtpd.smtp.protocol;

import smtpd.core.imsg.StoreTrouble;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.MsgId;
import smtpd.core.proc.PeerLost;

/// The queue as a session sees it.
public interface Queue {
    /// Begins a message.
    ///
    /// @throws PeerLost when the queue cannot answer now
    Created create() throws PeerLost;

    /// Counts the content of a message that is under way; to be closed at the message's end.
    Window window(MsgId msgid);

    /// Sends the next piece of content.
    ///
    /// @param part 1 to [Limits#BODY_PART] bytes, lent for the time of the call
    void body(MsgId msgid, Bytes part);

    /// Sends the last piece of content, as [#body], together with the [#commit] or [#rollback] that
    /// follows at once.
    void lastPart(MsgId msgid, Bytes part);

    /// Makes the message and its envelopes durable.
    ///
    /// @param size bytes of content sent
    /// @param checksum CRC-32C of them
    /// @throws PeerLost when the queue died or was too slow: whether it has the message is unknown,
    ///   and it must not be confirmed
    Settled commit(MsgId msgid, long size, int checksum) throws PeerLost;

    /// Forgets an uncommitted message.
    void rollback(MsgId msgid);

    /// A new message, or none now.
    sealed interface Created {
        /// A new message.
        record Message(MsgId msgid) implements Created {}

        /// None now.
        record Refused(StoreTrouble trouble, String reason) implements Created {}
    }

    /// How a commit ended.
    sealed interface Settled {
        /// On stable storage.
        record Durable() implements Settled {}

        /// Nothing of it remains.
        record Refused(StoreTrouble trouble, String reason) implements Settled {}
    }

    /// How much content may be under way.
    interface Window extends AutoCloseable {
        /// Takes `bytes` of the window, waiting for the queue to give back what it has written.
        ///
        /// @throws PeerLost when the queue died or does not get on
        void take(int bytes) throws PeerLost;

        @Override
        void close();
    }
}
