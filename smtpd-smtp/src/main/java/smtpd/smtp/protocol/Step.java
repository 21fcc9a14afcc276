package smtpd.smtp.protocol;

import smtpd.core.smtp.Reply;

import java.util.List;

/// What a command leads to.
///
/// @param next the phase after it
/// @param replies what the client is told: one reply, but none where the verb has said everything,
///   and one for each recipient at the end of content in LMTP (RFC 2033 §4.2)
/// @param then what the session does next
public record Step(Phase next, List<Reply> replies, Then then) {
    /// What a session does after its replies.
    public enum Then {
        /// Reads the next command.
        CONTINUE,
        /// Shakes hands for TLS, and begins again.
        SECURE,
        /// Ends: the client wishes it.
        LEAVE,
        /// Ends although the client may still be talking.
        HANG_UP
    }

    /// Takes a copy of the list.
    public Step {
        replies = List.copyOf(replies);
    }

    /// Goes on in `next`.
    public static Step to(Phase next, Reply reply) {
        return new Step(next, List.of(reply), Then.CONTINUE);
    }

    /// Ends the session.
    public static Step close(Phase last, Reply reply) {
        return new Step(last, List.of(reply), Then.HANG_UP);
    }
}
