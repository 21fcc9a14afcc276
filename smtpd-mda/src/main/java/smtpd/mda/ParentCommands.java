package smtpd.mda;

import smtpd.core.imsg.ChildToParent;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.imsg.UserRecord;
import smtpd.core.proc.Inbox;
import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.Peer;
import smtpd.core.proc.PeerLost;
import smtpd.core.sys.Descriptors;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Delivery commands that the parent runs for us.
public final class ParentCommands implements Commands, Inbox<ParentToChild> {
    /// How long the parent may take to start one.
    private static final Duration START = Duration.ofSeconds(30);

    /// How much longer than the command the news of its end may take.
    private static final Duration NEWS = Duration.ofSeconds(30);

    private final LinkPeer<ChildToParent, ParentToChild> parent;
    private final ConcurrentHashMap<Long, CompletableFuture<Ended>> ends =
            new ConcurrentHashMap<>();

    /// @param parent runs the commands; what it says unasked must arrive in this inbox
    public ParentCommands(LinkPeer<ChildToParent, ParentToChild> parent) {
        this.parent = parent;
    }

    @Override
    public void receive(long request, ParentToChild message) {
        if (message instanceof ParentToChild.CommandExited it) {
            end(it.token()).complete(new Ended(it.exit(), it.signal(), it.timedOut(), it.output()));
        }
    }

    private CompletableFuture<Ended> end(long token) {
        return ends.computeIfAbsent(token, missing -> new CompletableFuture<>());
    }

    @Override
    public Running start(
            UserRecord user, String command, List<String> environment, Duration timeout)
            throws IOException {
        Peer.Answer.Got<ParentToChild> got;
        try {
            got =
                    parent.callForFd(
                            new ChildToParent.RunCommand(user, command, environment, timeout),
                            START);
        } catch (PeerLost e) {
            throw refused(String.valueOf(e.getMessage()));
        }
        if (got.message() instanceof ParentToChild.CommandStarted started && got.fd() >= 0) {
            return new Started(started.token(), Descriptors.output(got.fd()), timeout);
        }
        if (got.fd() >= 0) {
            Descriptors.close(got.fd());
        }
        throw refused(
                got.message() instanceof ParentToChild.CommandRefused it
                        ? it.reason()
                        : "unexpected answer of the parent");
    }

    private static DeliveryFailure refused(String why) {
        return new DeliveryFailure(Verdict.tempfail("4.3.0", "cannot run command: " + why));
    }

    private final class Started implements Running {
        private final long token;
        private final OutputStream stdin;
        private final Duration timeout;

        Started(long token, OutputStream stdin, Duration timeout) {
            this.token = token;
            this.stdin = stdin;
            this.timeout = timeout;
        }

        @Override
        public OutputStream stdin() {
            return stdin;
        }

        @Override
        public Ended await() throws IOException {
            try {
                return end(token).get(timeout.plus(NEWS).toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw refused("interrupted");
            } catch (ExecutionException | TimeoutException e) {
                throw refused("no news of its end");
            } finally {
                ends.remove(token);
            }
        }

        @Override
        public void kill() {
            parent.send(new ChildToParent.KillCommand(token));
        }
    }
}
