package smtpd.core.proc;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.MdaToQueue;
import smtpd.core.imsg.QueueToMda;
import smtpd.core.sys.FdSocket;
import smtpd.core.sys.SysException;

import java.time.InstantSource;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A queue and an mda that talk over a real socket pair, each with an agent's mailbox, and what
/// their inboxes hear.
final class TwoPeers {
    /// Longer than any healthy machine needs; only a failing test waits so long.
    private static final long PATIENCE_SECONDS = 60;

    final Mailbox mdaBox = new Mailbox("mda", InstantSource.system());
    final Mailbox queueBox = new Mailbox("queue", InstantSource.system());
    final Heard<QueueToMda> mdaHears = new Heard<>();
    final Heard<MdaToQueue> queueHears = new Heard<>();
    final LinkPeer<MdaToQueue, QueueToMda> queue =
            new LinkPeer<>(Role.QUEUE, MdaToQueue.CODEC, QueueToMda.CODEC, mdaHears, mdaBox);
    final LinkPeer<QueueToMda, MdaToQueue> mda =
            new LinkPeer<>(Role.MDA, QueueToMda.CODEC, MdaToQueue.CODEC, queueHears, queueBox);

    /// What an inbox heard.
    ///
    /// @param what `message`, `attached` or `detached`
    record Event<I>(String what, long request, @Nullable I message, int fd) {}

    /// An inbox that keeps what it hears, and does what it is told with each message.
    static final class Heard<I> implements Inbox<I> {
        private final BlockingQueue<Event<I>> events = new LinkedBlockingQueue<>();
        private volatile Inbox<I> then = (request, message) -> {};

        void then(Inbox<I> inbox) {
            then = inbox;
        }

        @Override
        public void receive(long request, I message) {
            events.add(new Event<>("message", request, message, -1));
            then.receive(request, message);
        }

        @Override
        public void receive(long request, I message, int fd) {
            then.receive(request, message, fd);
            events.add(new Event<>("message", request, message, fd));
        }

        @Override
        public void attached() {
            events.add(new Event<>("attached", 0, null, -1));
        }

        @Override
        public void detached() {
            events.add(new Event<>("detached", 0, null, -1));
        }

        /// The next event, which must come.
        Event<I> next() throws InterruptedException {
            Event<I> event = events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertTrue(event != null, "nothing was heard");
            return java.util.Objects.requireNonNull(event);
        }

        /// Skips to the next event of a kind.
        Event<I> next(String what) throws InterruptedException {
            Event<I> event = next();
            while (!event.what.equals(what)) {
                event = next();
            }
            return event;
        }

        boolean isSilent() {
            return events.isEmpty();
        }
    }

    /// Joins the two by a fresh link.
    void join() throws SysException {
        FdSocket[] pair = FdSocket.pair();
        queue.attach(Role.MDA, pair[0]);
        mda.attach(Role.QUEUE, pair[1]);
    }

    /// Gives the mda a link whose other end the test holds.
    FdSocket attachRaw() throws SysException {
        FdSocket[] pair = FdSocket.pair();
        queue.attach(Role.MDA, pair[0]);
        return pair[1];
    }

    /// Waits for a latch.
    static void await(CountDownLatch latch) throws InterruptedException {
        assertTrue(latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS), "it did not happen");
    }

    /// Runs everything posted to a mailbox so far.
    static void settle(Mailbox mailbox) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        mailbox.post(done::countDown);
        await(done);
    }

    /// Ends both.
    void end() throws InterruptedException {
        queue.detach();
        mda.detach();
        mdaBox.close();
        queueBox.close();
        mdaBox.join();
        queueBox.join();
    }
}
