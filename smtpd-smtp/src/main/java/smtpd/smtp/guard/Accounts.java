package smtpd.smtp.guard;

import smtpd.core.conf.SmtpLimit;
import smtpd.core.conf.SmtpLimits;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What each client has at a time and has done of late: sessions, connections, mails, failed
/// authentications. For one thread at a time.
///
/// Sessions are counted by address and by network ([Networks]); everything else by address, or by
/// network for IPv6. A user's failures count whatever address they come from, but do not shut out
/// an address where that user has proved itself before: nobody can lock a user out of its account.
public final class Accounts {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration HOUR = Duration.ofHours(1);

    /// Pairs of user and client remembered because the user has proved itself there.
    static final int PROVED_MAX = 4096;

    private final SmtpLimits limits;
    private final Map<String, Integer> perClient = new HashMap<>();
    private final Map<String, Integer> perNetwork = new HashMap<>();
    private final Buckets connections;
    private final Buckets mails;
    private final Buckets failuresOfClient;
    private final Buckets failuresOfUser;
    private final Map<String, Boolean> proved =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                    return size() > PROVED_MAX;
                }
            };

    private int sessions;

    /// @param limits what everybody may have
    public Accounts(SmtpLimits limits) {
        this.limits = limits;
        connections = new Buckets(limits.of(SmtpLimit.CONNECTS_PER_MINUTE), MINUTE);
        mails = new Buckets(limits.of(SmtpLimit.MAILS_PER_MINUTE), MINUTE);
        failuresOfClient = new Buckets(limits.of(SmtpLimit.AUTH_FAILURES), HOUR);
        failuresOfUser = new Buckets(limits.of(SmtpLimit.AUTH_FAILURES_PER_USER), HOUR);
    }

    /// Takes a connection in as a session. What is taken in is to be given back by [#leave].
    ///
    /// @param address a literal; empty for a client that only the bound of all sessions holds for
    /// @param now nanoseconds of a clock that never goes back
    /// @return the limit that forbids it, if one does
    public Optional<SmtpLimit> admit(String address, long now) {
        if (isFull(SmtpLimit.SESSIONS, sessions)) {
            return Optional.of(SmtpLimit.SESSIONS);
        }
        if (!address.isEmpty()) {
            Optional<SmtpLimit> refusal = admitClient(address, now);
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        sessions++;
        return Optional.empty();
    }

    private Optional<SmtpLimit> admitClient(String address, long now) {
        if (isFull(SmtpLimit.SESSIONS_PER_CLIENT, perClient.getOrDefault(address, 0))) {
            return Optional.of(SmtpLimit.SESSIONS_PER_CLIENT);
        }
        String network = Networks.of(address);
        if (isFull(SmtpLimit.SESSIONS_PER_NETWORK, perNetwork.getOrDefault(network, 0))) {
            return Optional.of(SmtpLimit.SESSIONS_PER_NETWORK);
        }
        if (!connections.tryTake(Networks.client(address), now)) {
            return Optional.of(SmtpLimit.CONNECTS_PER_MINUTE);
        }
        perClient.merge(address, 1, Integer::sum);
        perNetwork.merge(network, 1, Integer::sum);
        return Optional.empty();
    }

    private boolean isFull(SmtpLimit limit, int count) {
        int most = limits.of(limit);
        return most > 0 && count >= most;
    }

    /// A session has ended.
    ///
    /// @param address as it was admitted
    public void leave(String address) {
        sessions--;
        if (!address.isEmpty()) {
            perClient.computeIfPresent(address, (_, count) -> count == 1 ? null : count - 1);
            perNetwork.computeIfPresent(
                    Networks.of(address), (_, count) -> count == 1 ? null : count - 1);
        }
    }

    /// Sessions at present.
    public int sessions() {
        return sessions;
    }

    /// Whether a client may bring one more mail now; counts it if so.
    public boolean mayMail(String address, long now) {
        return mails.tryTake(Networks.client(address), now);
    }

    /// What forbids a client to try to be a user, if anything does.
    public Optional<SmtpLimit> mayAuthenticate(String address, String user, long now) {
        if (!failuresOfClient.has(Networks.client(address), now)) {
            return Optional.of(SmtpLimit.AUTH_FAILURES);
        }
        boolean known = proved.get(pair(address, user)) != null;
        return known || failuresOfUser.has(name(user), now)
                ? Optional.empty()
                : Optional.of(SmtpLimit.AUTH_FAILURES_PER_USER);
    }

    /// A client could not prove to be a user.
    public void failed(String address, String user, long now) {
        failuresOfClient.take(Networks.client(address), now);
        failuresOfUser.take(name(user), now);
    }

    /// A client has proved to be a user.
    public void proved(String address, String user) {
        proved.put(pair(address, user), true);
    }

    private static String pair(String address, String user) {
        return Networks.client(address) + " " + name(user);
    }

    /// Tables do not tell upper from lower case.
    private static String name(String user) {
        return user.toLowerCase(java.util.Locale.ROOT);
    }

    /// How many clients have sessions.
    int clients() {
        return perClient.size();
    }
}
