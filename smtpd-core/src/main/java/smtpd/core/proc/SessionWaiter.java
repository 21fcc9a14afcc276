package smtpd.core.proc;

import smtpd.core.sys.Descriptors;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;

/// A session's thread that waits for one answer; its peer looks after the deadline, so that waiting
/// starts no timer.
///
/// @param <I> what the peer may say
final class SessionWaiter<I> implements LinkPeer.Waiter<I> {
    private final Role peer;
    private final Predicate<I> underWay;
    private final CompletableFuture<Peer.Answer.Got<I>> answer = new CompletableFuture<>();

    SessionWaiter(Role peer) {
        this(peer, _ -> false);
    }

    /// @param underWay the answers that are not the last
    SessionWaiter(Role peer, Predicate<I> underWay) {
        this.peer = peer;
        this.underWay = underWay;
    }

    @Override
    public boolean answered(I message, int fd) {
        if (underWay.test(message)) {
            if (fd >= 0) {
                Descriptors.close(fd);
            }
            return false;
        }
        if (!answer.complete(new Peer.Answer.Got<>(message, fd)) && fd >= 0) {
            Descriptors.close(fd);
        }
        return true;
    }

    @Override
    public void lost(String why) {
        answer.completeExceptionally(new PeerLost(peer, why));
    }

    Peer.Answer.Got<I> await() throws PeerLost {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof PeerLost lost ? lost : new PeerLost(peer, "died");
        } catch (InterruptedException e) {
            answer.cancel(false);
            Thread.currentThread().interrupt();
            throw new PeerLost(peer, "interrupted");
        }
    }
}
