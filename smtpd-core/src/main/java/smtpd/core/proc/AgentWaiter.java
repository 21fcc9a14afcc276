package smtpd.core.proc;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/// An agent that waits for an answer without waiting: it comes back as a task in the agent's
/// thread, exactly once.
///
/// @param <I> what the peer may say
final class AgentWaiter<I> implements LinkPeer.Waiter<I> {
    private final Mailbox mailbox;
    private final Consumer<Peer.Answer<I>> then;
    private final AtomicBoolean done = new AtomicBoolean();

    AgentWaiter(Mailbox mailbox, Consumer<Peer.Answer<I>> then) {
        this.mailbox = mailbox;
        this.then = then;
    }

    @Override
    public boolean answered(I message, int fd) {
        come(new Peer.Answer.Got<>(message, fd));
        return true;
    }

    @Override
    public void lost(String why) {
        come(new Peer.Answer.Lost<>());
    }

    private void come(Peer.Answer<I> answer) {
        if (done.compareAndSet(false, true)) {
            mailbox.post(() -> then.accept(answer));
        }
    }
}
