package smtpd.scheduler;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.EvpId;

/// One committed envelope, in 80 bytes: the scheduler may hold a million.
///
/// Times are milliseconds since the epoch. The links belong to [Group], [Timeline] and
/// [HoldQueues]; only these change them.
final class Entry implements LongTable.Keyed {
    /// Where an envelope stands.
    enum Phase {
        /// Waits: for its time, for its turn, or for the operator.
        PENDING,
        /// Was handed out; its attempt has not ended.
        INFLIGHT,
        /// Is parked in a hold queue.
        HELD,
        /// Was handed out to be removed or expired.
        LEAVING,
        /// Is not in the run queue any more; a list may still mention it.
        GONE
    }

    /// Due, and in the ready part of its group.
    static final int READY = 1;

    /// The operator holds it.
    static final int SUSPENDED = 2;

    /// The operator removes it.
    static final int REMOVED = 4;

    /// Its time is over; it is listed to be expired.
    static final int EXPIRED = 8;

    /// Was found in the queue at the start and has not been tried since.
    static final int GRACE = 16;

    /// Its time was over while nothing of its type was tried, and it has not been tried since.
    static final int SPARED = 32;

    /// The shelf has a row of it, marked as out.
    static final int OUT = 64;

    private static final int RETURNS_SHIFT = 8;

    final long id;
    final long created;
    final Group group;
    private int ttlSeconds;

    /// The next try of a pending envelope, else when it entered its phase.
    long due;

    /// The end of its last attempt, or 0.
    long lastTry;

    Phase phase = Phase.PENDING;

    /// How often in a row its deliverer died with it.
    byte returns;

    private byte flags;

    @Nullable Entry previous;
    @Nullable Entry next;
    @Nullable HoldQueue hold;
    long wake;
    int slot = Timeline.ABSENT;

    Entry(long id, Group group, long created, long ttlSeconds) {
        this.id = id;
        this.group = group;
        this.created = created;
        this.ttlSeconds = (int) Math.min(ttlSeconds, Integer.MAX_VALUE);
    }

    @Override
    public long key() {
        return id;
    }

    EvpId evpid() {
        return new EvpId(id);
    }

    boolean is(int flag) {
        return (flags & flag) != 0;
    }

    void set(int flag) {
        flags |= (byte) flag;
    }

    void clear(int flag) {
        flags &= (byte) ~flag;
    }

    /// Gives it more time.
    void extend(long seconds) {
        ttlSeconds = (int) Math.min(ttlSeconds + seconds, Integer.MAX_VALUE);
    }

    /// What [#expiry] adds to its creation.
    int ttlSeconds() {
        return ttlSeconds;
    }

    /// What is kept for later: the flags that do not say where it is, and above them how often it
    /// was returned.
    int lasting() {
        return (flags & (SUSPENDED | REMOVED | GRACE | SPARED)) | (returns << RETURNS_SHIFT);
    }

    /// Takes back what [#lasting] told.
    void restore(int lasting) {
        flags |= (byte) (lasting & (SUSPENDED | REMOVED | GRACE | SPARED));
        returns = (byte) (lasting >>> RETURNS_SHIFT);
    }

    /// When its time is over, counted from its creation.
    long expiry() {
        return created + ttlSeconds * 1000L;
    }
}
