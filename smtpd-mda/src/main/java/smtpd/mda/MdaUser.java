package smtpd.mda;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.UserRecord;
import smtpd.core.mail.SessionId;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;

/// A user with deliveries waiting or running: the noun the limits are about. Lives as long as it
/// has any.
final class MdaUser {
    /// A user record is asked for again when it is older than this, so that a user who is never
    /// idle cannot keep an old home for ever.
    static final Duration FRESH = Duration.ofSeconds(60);

    /// Which user of which userbase; `lookup` differs from `name` where the action names a user.
    ///
    /// @param userbase the userbase's table, or empty
    /// @param lookup the name looked up
    /// @param name the recipient's name
    record Key(String userbase, String lookup, String name) {}

    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    final Key key;

    /// Names the user in the log and names its hold queue. The same in every life of the process,
    /// so that what an earlier one had held is released as well.
    final SessionId id;

    /// A dispatcher by which the user can be looked up.
    final String dispatcher;

    final ArrayDeque<MdaTask> waiting = new ArrayDeque<>();
    int running;

    /// Envelopes waiting or running.
    int envelopes;

    /// Some of its envelopes may be in the hold queue.
    boolean holding;

    /// Envelopes asked back from the hold queue and not yet seen.
    int released;

    boolean asked;
    boolean inTurn;
    private @Nullable UserRecord user;
    private Instant found = Instant.EPOCH;

    MdaUser(Key key, String dispatcher) {
        this.key = key;
        this.dispatcher = dispatcher;
        id = new SessionId(hash(key.userbase() + "\0" + key.lookup() + "\0" + key.name()));
    }

    void found(UserRecord record, Instant now) {
        user = record;
        found = now;
    }

    /// The record, or null if there is none or it is too old.
    @Nullable UserRecord fresh(Instant now) {
        return now.isAfter(found.plus(FRESH)) ? null : user;
    }

    boolean isIdle() {
        return running == 0 && waiting.isEmpty() && !asked;
    }

    private static long hash(String text) {
        long hash = FNV_OFFSET;
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (octet & 0xff)) * FNV_PRIME;
        }
        return hash;
    }
}
