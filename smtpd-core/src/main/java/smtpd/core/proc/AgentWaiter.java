package smtpd.core.proc;

import smtpd.core.sys.Descriptors;

import java.util.concurrent.Executor;
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
        if (!come(new Peer.Answer.Got<>(message, fd), mailbox::runOrPost) && fd >= 0) {
            Descriptors.close(fd);
        }
        return true;
    }

    @Override
    public void lost(String why) {
        boolean first = come(new Peer.Answer.Lost<>(), mailbox);
        assert first || done.get();
    }

    /// False if it has come before.
    private boolean come(Peer.Answer<I> answer, Executor where) {
        if (!done.compareAndSet(false, true)) {
            return false;
        }
        where.execute(() -> then.accept(answer));
        return true;
    }
}
