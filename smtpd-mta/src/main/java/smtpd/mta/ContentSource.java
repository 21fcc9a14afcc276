package smtpd.mta;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.MsgId;

/// Where sessions get the content of messages.
@FunctionalInterface
public interface ContentSource {
    /// Asks for a message's content.
    Content open(MsgId msgid);

    /// Content as it streams in; belongs to one session's thread.
    interface Content extends AutoCloseable {
        /// The next piece, or null at the end. Blocks.
        ///
        /// @throws ContentLost if the rest cannot be had
        @Nullable Bytes next() throws ContentLost;

        /// Ends the stream early, or does nothing after its end.
        @Override
        void close();
    }

    /// Content cannot be had: nothing of it may count as delivered.
    final class ContentLost extends Exception {
        private static final long serialVersionUID = 1L;

        /// @param reason why
        public ContentLost(String reason) {
            super(reason);
        }
    }
}
