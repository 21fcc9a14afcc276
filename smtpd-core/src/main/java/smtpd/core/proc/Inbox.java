package smtpd.core.proc;

/// Where the messages of one peer arrive, in the receiving agent's own thread.
///
/// @param <I> what the peer may say
public interface Inbox<I> {
    /// A message.
    ///
    /// @param request the id to answer it with; 0 for a one-way message
    /// @param message the message
    void receive(long request, I message);

    /// A fresh process is at the other end: it knows nothing yet.
    default void attached() {}

    /// The process at the other end is gone, and everything it was doing for us.
    default void detached() {}
}
