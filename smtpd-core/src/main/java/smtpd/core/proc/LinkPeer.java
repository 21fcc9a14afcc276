package smtpd.core.proc;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.imsg.Codec;
import smtpd.core.imsg.Frame;
import smtpd.core.imsg.ImsgViolation;
import smtpd.core.proc.LinkListener.Arrived;
import smtpd.core.sys.Descriptors;
import smtpd.core.sys.FdSocket;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// A peer behind a link. Agents use it as [Peer]; sessions call it and wait.
///
/// State · at most one link at a time; a fresh one ends the old. Requests under way belong to the
/// link they went out on and are lost when it ends; an answer goes out only on the link its request
/// came by.
///
/// @param <O> what may be said to it
/// @param <I> what it may say
public final class LinkPeer<O, I> implements Peer<O, I> {
    private static final Logger LOG = LoggerFactory.getLogger(LinkPeer.class);

    /// Ids given to the inbox carry the link's generation above this bit.
    private static final int GENERATION_SHIFT = 48;

    private static final long ID_MASK = (1L << GENERATION_SHIFT) - 1;

    /// How often requests that wait too long are looked for: a deadline that costs the one who
    /// waits nothing.
    private static final Duration SWEEP = Duration.ofMillis(200);

    /// No deadline: longer than any process runs, and still a number of nanoseconds.
    private static final Duration FOR_EVER = Duration.ofDays(36_500);

    private final Role role;
    private final Codec<O> out;
    private final Codec<I> in;
    private final Inbox<I> inbox;
    private final Executor where;
    private final Executor asReader;
    private final Mailbox agent;
    private final AtomicLong ids = new AtomicLong();
    private final AtomicBoolean sweeping = new AtomicBoolean();
    private final ConcurrentHashMap<Long, Pending<I>> pendings = new ConcurrentHashMap<>();
    private final AtomicBoolean dirty = new AtomicBoolean();
    private volatile @Nullable Direct<I> direct;
    private volatile @Nullable Current<O, I> current;
    private long generations;

    /// What bypasses the agent.
    private record Direct<I>(Predicate<I> which, Inbox<I> handler) {}

    /// The link in use and its number.
    private record Current<O, I>(Link<O, I> link, long generation) {}

    /// A request under way on a link, and until when it waits.
    private static final class Pending<I> {
        private final Link<?, I> link;
        private final Waiter<I> waiter;
        private final Duration patience;
        private volatile long deadlineNanos;

        private Pending(Link<?, I> link, Waiter<I> waiter, Duration patience) {
            this.link = link;
            this.waiter = waiter;
            this.patience = patience;
            renew();
        }

        /// Waits anew: there was an answer, and there will be another.
        private void renew() {
            deadlineNanos = System.nanoTime() + patience.toNanos();
        }
    }

    /// Who waits for an answer.
    ///
    /// @param <I> what the peer may say
    interface Waiter<I> {
        /// An answer; true if it was the last one of this request.
        boolean answered(I message, int fd);

        /// There will be no more.
        void lost(String why);
    }

    /// @param role the process at the other end
    /// @param out the edge to it
    /// @param in the edge from it
    /// @param inbox told what it says, by the agent
    /// @param agent the agent of this process
    public LinkPeer(Role role, Codec<O> out, Codec<I> in, Inbox<I> inbox, Mailbox agent) {
        this(role, out, in, inbox, agent, agent);
    }

    /// @param role the process at the other end
    /// @param out the edge to it
    /// @param in the edge from it
    /// @param inbox told what it says
    /// @param where the inbox runs: the agent's mailbox, or `Runnable::run` for the link's reader
    /// @param agent the agent of this process, whose thread also looks after deadlines
    public LinkPeer(
            Role role, Codec<O> out, Codec<I> in, Inbox<I> inbox, Executor where, Mailbox agent) {
        this.role = role;
        this.out = out;
        this.in = in;
        this.inbox = inbox;
        this.where = where;
        asReader = where instanceof Mailbox mailbox ? mailbox::runOrPost : where;
        this.agent = agent;
        agent.afterEachBatch(this::flushIfDirty);
    }

    /// Has some messages handled at once, in the link's reader thread, instead of by the agent:
    /// those that touch no state of it, such as requests for content. The handler must not wait for
    /// anything but a local disk.
    ///
    /// @param which the messages meant
    /// @param handler handles them; its `detached` is called too
    public void handleDirectly(Predicate<I> which, Inbox<I> handler) {
        direct = new Direct<>(which, handler);
    }

    /// The process at the other end.
    public Role role() {
        return role;
    }

    /// Takes a fresh link to the peer into use; an older one ends.
    ///
    /// @param self our own role, for names in the log
    public synchronized void attach(Role self, FdSocket socket) {
        Current<O, I> old = current;
        if (old != null) {
            old.link.close();
            where.execute(inbox::detached);
        }
        String name = self.word() + "-" + role.word();
        long generation = ++generations;
        Link<O, I> link = new Link<>(name, socket, out, in, new FromPeer(generation));
        current = new Current<>(link, generation);
        where.execute(inbox::attached);
        link.start(old == null ? null : old.link);
    }

    /// Whether the peer is there.
    public boolean isAttached() {
        return current != null;
    }

    /// Ends the link, if there is one.
    public void detach() {
        Current<O, I> now = current;
        if (now != null) {
            now.link.close();
        }
    }

    @Override
    public void send(O message) {
        Current<O, I> to = current;
        if (to != null) {
            emit(to.link, 0, 0, message);
        }
    }

    /// Sends a one-way message together with what its sender says next, which must be soon; for
    /// sessions.
    public void sendWithNext(O message) {
        Current<O, I> to = current;
        if (to != null) {
            to.link.appendPatiently(0, 0, message);
        }
    }

    /// Sends a one-way message with a descriptor, of which the peer gets a duplicate.
    ///
    /// @return false if the peer is not there
    public boolean sendWithFd(O message, int fd) {
        Current<O, I> to = current;
        return to != null && to.link.sendWithFd(0, 0, message, fd);
    }

    @Override
    public void answer(long request, O message) {
        Link<O, I> to = linkOf(request);
        if (to != null) {
            emit(to, request & ID_MASK, Frame.ANSWER, message);
        }
    }

    /// Answers with a descriptor, of which the peer gets a duplicate.
    public void answerWithFd(long request, O message, int fd) {
        Link<O, I> to = linkOf(request);
        if (to != null) {
            to.sendWithFd(request & ID_MASK, Frame.ANSWER, message, fd);
        }
    }

    private @Nullable Link<O, I> linkOf(long request) {
        Current<O, I> now = current;
        return now != null && request >>> GENERATION_SHIFT == (now.generation & 0xffff)
                ? now.link
                : null;
    }

    private boolean emit(Link<O, I> to, long id, int flags, O message) {
        if (agent.isCurrent()) {
            dirty.set(true);
            return to.append(id, flags, message);
        }
        return to.send(id, flags, message);
    }

    private void flushIfDirty() {
        if (dirty.compareAndSet(true, false)) {
            Current<O, I> to = current;
            if (to != null) {
                to.link.flush();
            }
        }
    }

    @Override
    public void ask(O request, Duration patience, Consumer<Answer<I>> then) {
        open(request, new AgentWaiter<>(agent, then), patience);
    }

    /// Asks and waits for the answer; for sessions on threads of their own. A descriptor that comes
    /// with the answer is closed.
    ///
    /// @throws PeerLost when the peer is down, dies, or has not answered within `patience`
    public I call(O request, Duration patience) throws PeerLost {
        Answer.Got<I> got = callForFd(request, patience);
        if (got.fd() >= 0) {
            Descriptors.close(got.fd());
        }
        return got.message();
    }

    /// As [#call], for an answer that may bring a descriptor.
    public Answer.Got<I> callForFd(O request, Duration patience) throws PeerLost {
        return await(request, new SessionWaiter<>(role), patience);
    }

    /// As [#call], for a request that may take long: as long as there are answers that say so.
    ///
    /// @param underWay the answers that are not the last
    /// @param patience until the first answer, and between two
    public I callWhile(O request, Predicate<I> underWay, Duration patience) throws PeerLost {
        Answer.Got<I> got = await(request, new SessionWaiter<>(role, underWay), patience);
        if (got.fd() >= 0) {
            Descriptors.close(got.fd());
        }
        return got.message();
    }

    private Answer.Got<I> await(O request, SessionWaiter<I> waiter, Duration patience)
            throws PeerLost {
        long id = open(request, waiter, patience);
        try {
            return waiter.await();
        } finally {
            pendings.remove(id);
        }
    }

    /// Sends a request whose answers come as a stream to `waiter`, until it says that one was the
    /// last. It is for the caller to say how long each may take.
    ///
    /// @return the request's id, to be closed with [#forget]
    long open(O request, Waiter<I> waiter) {
        return open(request, waiter, FOR_EVER);
    }

    private long open(O request, Waiter<I> waiter, Duration patience) {
        long id = ids.incrementAndGet() & ID_MASK;
        Current<O, I> to = current;
        if (to == null) {
            waiter.lost("not running");
            return id;
        }
        pendings.put(id, new Pending<>(to.link, waiter, patience));
        if (!emit(to.link, id, 0, request)) {
            lose(id, "link ended");
        }
        sweepLater();
        return id;
    }

    private void sweepLater() {
        if (!sweeping.get() && sweeping.compareAndSet(false, true)) {
            agent.after(SWEEP, this::sweep);
        }
    }

    /// Gives up the requests that have waited long enough; in the agent's thread.
    private void sweep() {
        sweeping.set(false);
        long now = System.nanoTime();
        pendings.forEach((id, pending) -> {
            if (pending.deadlineNanos - now <= 0) {
                lose(id, "no answer in time");
            }
        });
        if (!pendings.isEmpty()) {
            sweepLater();
        }
    }

    /// The id that the asking process itself gave to a request, for messages that speak of one.
    public static long askersId(long request) {
        return request & ID_MASK;
    }

    /// Lets later answers to a request fall to the floor.
    void forget(long id) {
        pendings.remove(id);
    }

    private void lose(long id, String why) {
        Pending<I> pending = pendings.remove(id);
        if (pending != null) {
            pending.waiter.lost(why);
        }
    }

    /// What arrives on the links of this peer.
    private final class FromPeer implements LinkListener<I> {
        private final long generation;

        private FromPeer(long generation) {
            this.generation = generation;
        }

        @Override
        public void arrived(Link<?, I> link, List<Arrived<I>> frames) {
            List<Arrived<I>> messages = frames;
            if (frames.stream().anyMatch(Arrived::answer)) {
                frames.stream().filter(Arrived::answer).forEach(it -> answered(link, it));
                messages = frames.stream().filter(frame -> !frame.answer()).toList();
            }
            Direct<I> bypass = direct;
            if (bypass != null) {
                messages = messages.stream().filter(frame -> !handled(bypass, frame)).toList();
            }
            if (!messages.isEmpty()) {
                List<Arrived<I>> batch = messages;
                asReader.execute(() -> deliverAll(link, batch));
            }
        }

        /// In the agent's thread, where a violation must end the link and not the process.
        private void deliverAll(Link<?, I> link, List<Arrived<I>> batch) {
            try {
                batch.forEach(frame -> deliver(inbox, frame));
            } catch (ImsgViolation e) {
                LOG.warn("warn: link {}: violation: {}", link.name(), e.getMessage());
                link.close();
            }
        }

        private boolean handled(Direct<I> bypass, Arrived<I> frame) {
            boolean meant = bypass.which.test(frame.message());
            if (meant) {
                deliver(bypass.handler, frame);
            }
            return meant;
        }

        private void answered(Link<?, I> link, Arrived<I> frame) {
            Pending<I> pending = pendings.get(frame.id());
            if (pending == null || pending.link != link) {
                if (frame.fd() >= 0) {
                    Descriptors.close(frame.fd());
                }
            } else if (pending.waiter.answered(frame.message(), frame.fd())) {
                pendings.remove(frame.id());
            } else {
                pending.renew();
            }
        }

        private void deliver(Inbox<I> to, Arrived<I> frame) {
            long id =
                    frame.id() == 0 ? 0 : frame.id() | ((generation & 0xffff) << GENERATION_SHIFT);
            if (frame.fd() >= 0) {
                to.receive(id, frame.message(), frame.fd());
            } else {
                to.receive(id, frame.message());
            }
        }

        @Override
        public void ended(Link<?, I> link, String reason) {
            if (!reason.isEmpty()) {
                LOG.warn("warn: link {}: {}", link.name(), reason);
            }
            boolean wasCurrent = drop(link);
            pendings.forEach((id, pending) -> {
                if (pending.link == link) {
                    lose(id, "died");
                }
            });
            Direct<I> bypass = direct;
            if (bypass != null) {
                bypass.handler.detached();
            }
            if (wasCurrent) {
                where.execute(inbox::detached);
            }
        }
    }

    /// A link has ended: true unless a fresh one has already taken its place.
    private synchronized boolean drop(Link<?, I> link) {
        Current<O, I> now = current;
        if (now == null || now.link != link) {
            return false;
        }
        current = null;
        return true;
    }
}
