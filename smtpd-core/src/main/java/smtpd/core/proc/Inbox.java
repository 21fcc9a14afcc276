package smtpd.core.proc;

import smtpd.core.imsg.ImsgViolation;
import smtpd.core.sys.Descriptors;

/// Where the messages of one peer arrive, in the receiving agent's own thread.
///
/// @param <I> what the peer may say
public interface Inbox<I> {
    /// A message.
    ///
    /// @param request the id to answer it with; 0 for a one-way message
    /// @param message the message
    void receive(long request, I message);

    /// A message with a file descriptor, which now belongs to the receiver. A peer that has none to
    /// send violates its edge by sending one.
    default void receive(long request, I message, int fd) {
        Descriptors.close(fd);
        throw new ImsgViolation("a descriptor nobody asked for");
    }

    /// A fresh process is at the other end: it knows nothing yet.
    default void attached() {}

    /// The process at the other end is gone, and everything it was doing for us.
    default void detached() {}
}
