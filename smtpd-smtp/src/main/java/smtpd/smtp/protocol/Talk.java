package smtpd.smtp.protocol;

import smtpd.core.smtp.LineReader;
import smtpd.core.smtp.Reply;

import java.io.IOException;

/// The dialogue, as a verb may take part in it while it is its turn. Belongs to the session's
/// thread.
public interface Talk {
    /// What is known of the session now.
    Facts facts();

    /// From now on other facts hold: the client has proved who it is, or how it is connected.
    void learn(Facts facts);

    /// Sends a reply that the client has to go on after, with all that wait before it: 334, 354, or
    /// the 220 of STARTTLS.
    void prompt(Reply reply) throws IOException;

    /// Sends what waits, before waiting for the client.
    void flush() throws IOException;

    /// What the client sends: lines, or content. To be read only after [#prompt], or where the
    /// command itself says that content follows.
    LineReader input();
}
