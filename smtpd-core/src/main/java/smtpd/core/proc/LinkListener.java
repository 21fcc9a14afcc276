package smtpd.core.proc;

import java.util.List;

/// Who is told what arrives on a link; called by the link's reader thread.
///
/// @param <I> what the peer may say
interface LinkListener<I> {
    /// A frame as it arrived.
    ///
    /// @param id the request's id, or 0
    /// @param answer whether it answers a request of ours
    /// @param message the message
    /// @param fd the descriptor that came with it, or -1
    record Arrived<I>(long id, boolean answer, I message, int fd) {}

    /// Everything that arrived together.
    void arrived(Link<?, I> link, List<Arrived<I>> frames);

    /// The link has ended; the last call.
    ///
    /// @param reason why, for the log; empty for an ordinary end
    void ended(Link<?, I> link, String reason);
}
