package smtpd.scheduler;

import org.jspecify.annotations.Nullable;

import smtpd.core.conf.Limits;
import smtpd.core.imsg.ScheduleEntry;
import smtpd.core.mail.MsgId;

import java.util.random.RandomGenerator;

/// When envelopes that are new to the run queue are tried first.
///
/// New mail is due at once. What an earlier run left behind keeps its schedule where that lies in
/// the future; what is overdue is spread evenly instead of being tried all at once, and no clock,
/// however wrong, expires it before it has had an attempt or [#GRACE_MILLIS].
final class Arrivals {
    /// Untried mail found at the start counts as new up to this age.
    static final long FRESH_MILLIS = 60_000;

    /// Overdue envelopes are spread in blocks of this time, [#SPREAD_BLOCK] envelopes in each.
    static final long SPREAD_BLOCK_MILLIS = 1_000;

    /// Overdue envelopes that become due in one block of time: about what the daemon can deliver.
    static final int SPREAD_BLOCK = 1_000;

    /// The whole spread takes at most this long; larger queues become due faster.
    static final long SPREAD_MAX_MILLIS = 600_000;

    /// How long what was found at the start does not expire without an attempt: our own outage or a
    /// wrong clock is not what ends it.
    static final long GRACE_MILLIS = 86_400_000;

    /// A new envelope whose creation lies further from now than this was stamped by another clock:
    /// our own is used.
    static final long SKEW_MILLIS = 3_600_000;

    private final Limits.Retry retry;
    private final RandomGenerator random;
    private boolean loading;
    private @Nullable MsgId lastSpread;
    private long spread;
    private long graceEnd;
    private int overdue;
    private int stale;

    /// @param retry the schedule
    /// @param random spreads overdue envelopes within a block
    Arrivals(Limits.Retry retry, RandomGenerator random) {
        this.retry = retry;
        this.random = random;
        restart();
    }

    /// A fresh load begins.
    void restart() {
        loading = true;
        lastSpread = null;
        graceEnd = 0;
        overdue = 0;
        stale = 0;
    }

    /// The load is over: what arrives from now on is new.
    void loaded() {
        loading = false;
    }

    /// Envelopes found at the start whose time had come during the outage.
    int overdue() {
        return overdue;
    }

    /// Envelopes found at the start that were past their ttl.
    int stale() {
        return stale;
    }

    /// Until when envelopes found at the start do not expire untried.
    long graceEnd() {
        return graceEnd;
    }

    /// How long after now the overdue envelopes of one changeset are tried: the same for all of
    /// them, and for the next changeset of the same message, so that they go out together.
    long spread(MsgId msgid) {
        if (!msgid.equals(lastSpread)) {
            long block = overdue / SPREAD_BLOCK * SPREAD_BLOCK_MILLIS % SPREAD_MAX_MILLIS;
            spread = block + random.nextLong(SPREAD_BLOCK_MILLIS);
            lastSpread = msgid;
        }
        return spread;
    }

    /// The origin of an envelope's schedule: when it was created, unless the clock says nonsense.
    long created(ScheduleEntry entry, long now) {
        long created = entry.created().toEpochMilli();
        boolean skewed = !loading && !tried(entry) && Math.abs(created - now) > SKEW_MILLIS;
        return skewed ? now : Math.min(created, now);
    }

    /// Whether it was found at the start (or was tried before it came here), and is not just new.
    boolean left(ScheduleEntry entry, long created, long now) {
        return tried(entry) || (loading && now - created > FRESH_MILLIS);
    }

    /// When an envelope that was left behind is tried.
    ///
    /// @param spread how long an overdue one waits
    long due(ScheduleEntry entry, long created, long now, long spread) {
        long from = Math.min(now, Math.max(created, entry.lastTry().toEpochMilli()));
        long due =
                tried(entry)
                        ? Backoff.next(retry, entry.type(), entry.destination(), created, from)
                        : created;
        if (due > now) {
            return due;
        }
        overdue++;
        return now + spread;
    }

    /// Starts the grace of an envelope that was left behind.
    void grace(Entry entry, long now) {
        beginGrace(now);
        if (entry.expiry() <= now) {
            stale++;
        }
        entry.set(Entry.GRACE);
    }

    private void beginGrace(long now) {
        if (graceEnd == 0) {
            graceEnd = now + GRACE_MILLIS;
        }
    }

    /// As [#grace], for an envelope that was counted already.
    void graceAgain(Entry entry, long now) {
        beginGrace(now);
        entry.set(Entry.GRACE);
    }

    private static boolean tried(ScheduleEntry entry) {
        return entry.retry() > 0 || entry.lastTry().toEpochMilli() > 0;
    }
}
