package smtpd.core.proc;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/// An inbox whose owner is made later than the peer it is given to: an agent needs its peers, and
/// they need its inboxes. Named before anything can arrive.
///
/// @param <I> what the peer may say
public final class LateInbox<I> implements Inbox<I> {
    private @Nullable Inbox<I> owner;

    /// Names the owner, once, before the peer is attached.
    public void setOwner(Inbox<I> inbox) {
        owner = inbox;
    }

    private Inbox<I> owner() {
        return Objects.requireNonNull(owner, "no owner yet");
    }

    @Override
    public void receive(long request, I message) {
        owner().receive(request, message);
    }

    @Override
    public void receive(long request, I message, int fd) {
        owner().receive(request, message, fd);
    }

    @Override
    public void attached() {
        owner().attached();
    }

    @Override
    public void detached() {
        owner().detached();
    }
}
