package smtpd.smtp;

import smtpd.core.conf.SmtpLimit;
import smtpd.core.conf.SmtpLimits;
import smtpd.core.stat.Statistics;
import smtpd.smtp.guard.Accounts;
import smtpd.smtp.protocol.Client;
import smtpd.smtp.protocol.Guard;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/// The accounts of clients, for all sessions and listening sockets. Thread-safe.
///
/// Who is on this machine is trusted: only the bound of all sessions holds for it. Who has
/// authenticated brings as many mails as it likes.
final class Doorman implements Guard {
    /// Longest hesitation (OpenSMTPD: the same).
    private static final Duration HESITATION = Duration.ofSeconds(1);

    private static final int NONCE_OCTETS = 18;

    private final ReentrantLock lock = new ReentrantLock();
    private final Accounts accounts;
    private final Statistics statistics;
    private final LongSupplier clock;
    private final RandomGenerator random;

    /// @param limits what everybody may have
    /// @param statistics where refusals are counted
    /// @param clock nanoseconds that never go back
    /// @param random that nobody can guess
    Doorman(SmtpLimits limits, Statistics statistics, LongSupplier clock, RandomGenerator random) {
        accounts = new Accounts(limits);
        this.statistics = statistics;
        this.clock = clock;
        this.random = random;
    }

    /// Takes a client in.
    ///
    /// @return the limit that forbids it, if one does
    Optional<SmtpLimit> admit(Client client) {
        return counted(locked(() -> accounts.admit(name(client), clock.getAsLong())));
    }

    /// Takes a proxy in, until it has said who its client is.
    ///
    /// @return the limit that forbids it, if one does
    Optional<SmtpLimit> admitProxy() {
        return counted(locked(() -> accounts.admit("", clock.getAsLong())));
    }

    /// A proxy that was taken in has said who its client is, or has not.
    void leaveProxy() {
        locked(() -> {
            accounts.leave("");
            return true;
        });
    }

    /// A client that was taken in has gone.
    void leave(Client client) {
        locked(() -> {
            accounts.leave(name(client));
            return true;
        });
    }

    private static String name(Client client) {
        return client.isThisHost() ? "" : client.address();
    }

    @Override
    public Optional<SmtpLimit> mayAuthenticate(Client client, String user) {
        return client.isThisHost()
                ? Optional.empty()
                : counted(
                        locked(() ->
                                accounts.mayAuthenticate(
                                        client.address(), user, clock.getAsLong())));
    }

    @Override
    public void authenticated(Client client, String user, boolean proved) {
        statistics.increment(proved ? "smtp.auth.accepted" : "smtp.auth.rejected");
        if (client.isThisHost()) {
            return;
        }
        locked(() -> {
            if (proved) {
                accounts.proved(client.address(), user);
            } else {
                accounts.failed(client.address(), user, clock.getAsLong());
            }
            return true;
        });
    }

    @Override
    public boolean mayMail(Client client) {
        if (client.isThisHost() || client.isAuthenticated()) {
            return true;
        }
        boolean may = locked(() -> accounts.mayMail(client.address(), clock.getAsLong()));
        if (!may) {
            counted(Optional.of(SmtpLimit.MAILS_PER_MINUTE));
        }
        return may;
    }

    @Override
    public void hesitate() {
        await(Duration.ofNanos(random.nextLong(HESITATION.toNanos())));
    }

    /// Waits on a session's thread.
    static void await(Duration duration) {
        long end = System.nanoTime() + duration.toNanos();
        long left;
        while ((left = end - System.nanoTime()) > 0 && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(left);
        }
    }

    @Override
    public String nonce() {
        byte[] octets = new byte[NONCE_OCTETS];
        random.nextBytes(octets);
        return java.util.Base64.getEncoder().encodeToString(octets);
    }

    private Optional<SmtpLimit> counted(Optional<SmtpLimit> refusal) {
        refusal.ifPresent(limit -> statistics.increment("smtp.limit." + limit.word()));
        return refusal;
    }

    private <T> T locked(java.util.function.Supplier<T> task) {
        lock.lock();
        try {
            return task.get();
        } finally {
            lock.unlock();
        }
    }
}
