package smtpd.queue.store;

import smtpd.core.mail.MsgId;

/// The answer to the wish for a new message.
public sealed interface NewMessage permits NewMessage.Opened, Refused {
    /// A new message that takes content; it does not exist until it is committed.
    ///
    /// @param id its id, in use from now on
    record Opened(MsgId id) implements NewMessage {}
}
