package smtpd.smtp.protocol;

import smtpd.core.smtp.Reply;

/// What a command leads to.
///
/// @param next the phase after it
/// @param reply what the client is told
/// @param then what the session does once the reply is on its way
public record Step(Phase next, Reply reply, Then then) {
    /// What a session does after a reply.
    public sealed interface Then {
        /// Reads the next command.
        record Continue() implements Then {}

        /// Ends.
        record Close() implements Then {}

        /// Reads a message up to its end.
        record ReceiveContent() implements Then {}
    }

    /// Goes on in `next`.
    public static Step to(Phase next, Reply reply) {
        return new Step(next, reply, new Then.Continue());
    }

    /// Ends the session.
    public static Step close(Phase last, Reply reply) {
        return new Step(last, reply, new Then.Close());
    }
}
