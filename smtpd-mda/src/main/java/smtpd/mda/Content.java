package smtpd.mda;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.MsgId;

import java.io.IOException;

/// A message's content as the queue sends it: read once, from its beginning, lines ended by CRLF.
public interface Content extends AutoCloseable {
    /// The next piece, or null at the end.
    ///
    /// @throws IOException if the rest cannot be had now: nothing of it may count as delivered
    @Nullable Bytes next() throws IOException;

    /// Ends the stream, whether read to its end or not.
    @Override
    void close();

    /// Where contents come from.
    @FunctionalInterface
    interface Source {
        /// Opens a message's content.
        Content open(MsgId msgid) throws IOException;
    }
}
