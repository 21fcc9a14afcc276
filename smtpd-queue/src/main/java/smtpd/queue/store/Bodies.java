package smtpd.queue.store;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.MsgId;

import java.util.Optional;
import java.util.function.Consumer;

/// The content of messages, as a row of bytes each: the part of a [RecordStore] that may live
/// somewhere else than the envelopes.
public interface Bodies {
    /// Adds 1 to [Store#CHUNK_MAX] bytes of content to a message that was begun. Done means
    /// written, not durable. When it is refused, the message can only be rolled back.
    void append(MsgId message, Bytes piece, Consumer<StoreResult> done);

    /// Gives up a message that was begun; what is not known is passed over.
    void rollback(MsgId message);

    /// Opens the content of a message that exists; empty if it does not. The pieces it is read in
    /// need not be those that were appended.
    Optional<Content> content(MsgId message);
}
