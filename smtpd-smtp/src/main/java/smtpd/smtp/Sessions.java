package smtpd.smtp;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.conf.Listener;
import smtpd.core.mail.SessionId;
import smtpd.core.smtp.Reply;
import smtpd.core.stat.Statistics;
import smtpd.smtp.ClientStream.Interruption;
import smtpd.smtp.guard.Memory;
import smtpd.smtp.protocol.Client;
import smtpd.smtp.protocol.Ends;
import smtpd.smtp.protocol.Facts;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Services;
import smtpd.smtp.protocol.Terms;

import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The sessions that are under way: how many there may be, how long they may wait, and how they end
/// when the daemon stops. Thread-safe.
final class Sessions {
    private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);

    private final Services services;
    private final ListenerTls tls;
    private final Statistics statistics;
    private final Set<ChannelStream> streams = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ended = lock.newCondition();
    private final Doorman doorman;
    private int count;
    private boolean draining;

    /// @param services what all use
    /// @param statistics where they are counted
    /// @param doorman who is taken in
    /// @param tls of the listeners
    Sessions(Services services, Statistics statistics, Doorman doorman, ListenerTls tls) {
        this.services = services;
        this.tls = tls;
        this.statistics = statistics;
        this.doorman = doorman;
    }

    /// Begins a session, or tells the client why not.
    void open(SocketChannel channel, Client client, Terms terms, Ends ends) {
        ChannelStream stream = new ChannelStream(channel, terms.options().limits());
        Optional<Reply> refusal = admit(client, terms);
        if (refusal.isPresent()) {
            refuse(stream, terms, refusal.get());
            return;
        }
        streams.add(stream);
        SessionId id = new SessionId(services.random().getAsLong());
        Facts facts = new Facts(id, client, terms, services, ends);
        if (terms.proxied()) {
            Thread.ofVirtual().start(() -> introduce(facts, stream));
        } else {
            SmtpSession session = new SmtpSession(facts, stream, tls);
            Thread.ofVirtual().start(() -> run(session, stream, facts));
        }
    }

    /// Lets a proxy say who its client is, and takes that in in its place.
    private void introduce(Facts facts, ChannelStream stream) {
        Optional<Facts> announced = announced(facts, stream);
        Optional<Reply> refusal = Optional.empty();
        doorman.leaveProxy();
        if (announced.isPresent()) {
            refusal = doorman.admit(announced.get().client()).map(Replies::limited);
        }
        if (announced.isEmpty() || refusal.isPresent()) {
            streams.remove(stream);
            ended(facts.terms());
            refusal.ifPresentOrElse(
                    reply -> refuse(stream, facts.terms(), reply), () -> stream.close(false));
            return;
        }
        run(new SmtpSession(announced.get(), stream, tls), stream, announced.get());
    }

    private static Optional<Facts> announced(Facts facts, ChannelStream stream) {
        try {
            return Introduction.of(facts, stream);
        } catch (RuntimeException | StackOverflowError e) {
            // as in a session: this connection is lost, not the others
            LOG.error("warn: session {}: what its proxy said", facts.id(), e);
            return Optional.empty();
        }
    }

    private void run(SmtpSession session, ChannelStream stream, Facts facts) {
        Client client = facts.client();
        statistics.increment("smtp.session");
        statistics.increment("smtp.session." + client.family());
        if (!facts.terms().tag().isEmpty()) {
            statistics.increment("smtp.accepted.tag", facts.terms().tag());
        }
        try {
            session.run();
        } finally {
            streams.remove(stream);
            statistics.decrement("smtp.session");
            statistics.decrement("smtp.session." + client.family());
            release(client, facts.terms());
        }
    }

    /// Sends a client away. Where TLS comes first it is told nothing: a reply in clear would be no
    /// TLS to it, and a handshake would cost us what we do not have; a connection that is closed
    /// means "not now" to every client.
    private static void refuse(ChannelStream stream, Terms terms, Reply reply) {
        if (!terms.beginsWithTls()) {
            try {
                // The first bytes into a fresh socket never wait.
                byte[] wire = reply.wire();
                stream.write(wire, 0, wire.length);
            } catch (java.io.IOException _) {
                // it is gone already
            }
        }
        stream.close(false);
    }

    private Optional<Reply> admit(Client client, Terms terms) {
        lock.lock();
        try {
            if (draining) {
                return Optional.of(Replies.SHUTTING_DOWN);
            }
            if (!services.memory().tryTake(need(terms))) {
                statistics.increment("smtp.limit.memory");
                return Optional.of(Replies.TOO_MANY_SESSIONS);
            }
            Optional<Reply> refusal =
                    (terms.proxied() ? doorman.admitProxy() : doorman.admit(client))
                            .map(Replies::limited);
            if (refusal.isPresent()) {
                services.memory().give(need(terms));
            } else {
                count++;
            }
            return refusal;
        } finally {
            lock.unlock();
        }
    }

    private static Memory.Need need(Terms terms) {
        return terms.listener().tls().mode() == Listener.TlsMode.NONE
                ? Memory.Need.SESSION
                : Memory.Need.SECURE_SESSION;
    }

    private void release(Client client, Terms terms) {
        doorman.leave(client);
        ended(terms);
    }

    private void ended(Terms terms) {
        services.memory().give(need(terms));
        lock.lock();
        try {
            count--;
            ended.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Ends what has waited for too long; to be called about every second.
    void sweep() {
        streams.forEach(ChannelStream::expire);
    }

    /// Ends the sessions that wait for their clients, and gives the others `patience` to finish.
    void drain(Duration patience) {
        lock.lock();
        try {
            draining = true;
            long left = patience.toNanos();
            while (count > 0 && left > 0) {
                streams.forEach(Sessions::stop);
                left -= Math.min(left, STEP.toNanos());
                awaitEnd();
            }
        } finally {
            lock.unlock();
        }
    }

    /// How often a stopping daemon looks for sessions that wait.
    private static final Duration STEP = Duration.ofMillis(100);

    private static void stop(ChannelStream stream) {
        if (stream.waits() && stream.interruption() == Interruption.NONE) {
            stream.interrupt(Interruption.SHUTDOWN);
        }
    }

    @SuppressWarnings("WaitNotInLoop") // [#drain] loops
    private void awaitEnd() {
        try {
            if (ended.awaitNanos(STEP.toNanos()) > 0) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
