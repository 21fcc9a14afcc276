package smtpd.core.proc;

import java.time.Duration;
import java.util.function.Consumer;

/// The process at the other end of a link, as an agent sees it: messages go out, nothing is waited
/// for.
///
/// A peer outlives its link: while its process is down messages are dropped, requests come back as
/// [Answer.Lost], and [Inbox#attached()] tells when a fresh process can be told everything again.
///
/// @param <O> what may be said to it
/// @param <I> what it may say
public interface Peer<O, I> {
    /// Sends a one-way message; dropped while the peer is down.
    void send(O message);

    /// Answers a request of the peer; at most once for each request, but where the edge knows
    /// answers that are not the last. Dropped when the link it came by is gone.
    void answer(long request, O message);

    /// Asks, and runs `then` in the asking agent's own thread with the answer, exactly once, at the
    /// latest after `patience`.
    void ask(O request, Duration patience, Consumer<Answer<I>> then);

    /// What became of a request.
    ///
    /// @param <I> what the peer may say
    sealed interface Answer<I> {
        /// The peer answered.
        ///
        /// @param message the answer
        /// @param fd a descriptor that came with it and now belongs to the receiver, or -1
        record Got<I>(I message, int fd) implements Answer<I> {
            /// An answer without a descriptor.
            public Got(I message) {
                this(message, -1);
            }
        }

        /// The peer is down, died, or took too long: not now.
        record Lost<I>() implements Answer<I> {}
    }
}
