package smtpd.scheduler;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Deque;

/// What shares fairly with others: a destination, or a message with several destinations.
final class Flow {
    /// Attempts in a row without success after which a destination looks dead.
    static final int FAILING_AFTER = 20;

    /// Envelopes handed out and not yet answered.
    int inflight;

    /// Of so many parts of what is left free it may hold one.
    final int parts;

    /// Attempts in a row that came to nothing.
    private int failures;

    /// The end of its last service in virtual time: what it may have next begins there.
    private long finish;

    /// Groups that wait because the flow has its share in flight; null while there are none.
    private @Nullable Deque<Group> parked;

    /// A message's remote groups that have come into line; null while there are none. One may be
    /// there twice, or be served already.
    private @Nullable Deque<Group> companions;

    /// May hold all that is left free.
    Flow() {
        this(1);
    }

    Flow(int parts) {
        this.parts = parts;
    }

    /// An attempt ended.
    void attempted(boolean success) {
        failures = success ? 0 : failures + 1;
    }

    /// Whether it looks as if nothing gets through.
    boolean isFailing() {
        return failures >= FAILING_AFTER;
    }

    /// When a group that comes now may be served, in virtual time; counts as one service.
    long admit(long virtualTime) {
        long start = Math.max(virtualTime, finish);
        finish = start + 1;
        return start;
    }

    /// A service was larger than the one that [#admit] counted.
    void charge(int more) {
        finish += more;
    }

    /// A group of the message has come into line.
    void accompany(Group group) {
        Deque<Group> line = companions;
        if (line == null) {
            line = new ArrayDeque<>();
            companions = line;
        }
        line.add(group);
    }

    /// A group of the message that has ready envelopes; null if none has.
    @Nullable Group nextCompanion() {
        Deque<Group> line = companions;
        while (line != null) {
            Group group = line.peek();
            if (group == null) {
                companions = null;
                return null;
            }
            if (group.ready() > 0) {
                return group;
            }
            line.remove();
        }
        return null;
    }

    /// Takes out what [#nextCompanion] told.
    void dropCompanion() {
        if (companions != null) {
            companions.remove();
        }
    }

    void park(Group group) {
        Deque<Group> line = parked;
        if (line == null) {
            line = new ArrayDeque<>();
            parked = line;
        }
        line.add(group);
    }

    /// The parked group that comes next and still has ready envelopes; those without are dropped.
    @Nullable Group firstParked() {
        Deque<Group> line = parked;
        while (line != null) {
            Group group = line.peek();
            if (group == null) {
                parked = null;
                return null;
            }
            if (group.ready() > 0) {
                return group;
            }
            line.remove().queued = false;
        }
        return null;
    }

    /// Takes out what [#firstParked] told.
    void unpark() {
        if (parked != null) {
            parked.remove();
        }
    }
}
