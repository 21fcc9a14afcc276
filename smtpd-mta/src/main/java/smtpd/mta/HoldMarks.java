package smtpd.mta;

import smtpd.core.conf.Limits;

import java.time.Duration;
import java.time.Instant;

/// When a relay has enough, and when it wants more.
///
/// The configured marks hold for a slow destination. A fast one is kept supplied for about half a
/// second, up to [#TASKS_MAX] messages, so that its sessions never wait for the scheduler.
/// OpenSMTPD: `task-hiwat`, `task-lowat`, `task-release`, all fixed.
final class HoldMarks {
    /// Most messages in our hands for one relay: some megabytes of envelopes.
    static final int TASKS_MAX = 1000;

    private static final Duration WINDOW = Duration.ofMillis(500);

    /// How long released envelopes may be on their way.
    private static final Duration RELEASE_PATIENCE = Duration.ofSeconds(1);

    private final Limits.Tasks configured;
    private Instant windowStart = Instant.MIN;
    private int doneInWindow;
    private int doneBefore;
    private boolean parked;
    private int awaited;
    private Instant released = Instant.MIN;

    HoldMarks(Limits.Tasks configured) {
        this.configured = configured;
    }

    /// What to ask of the scheduler.
    sealed interface Ask {
        /// Nothing.
        record Nothing() implements Ask {}

        /// So many parked envelopes; 0 for all.
        record Some(int count) implements Ask {}
    }

    /// A message has left our hands.
    void done(Instant now) {
        if (windowStart.equals(Instant.MIN) || now.isAfter(windowStart.plus(WINDOW))) {
            boolean adjacent =
                    !windowStart.equals(Instant.MIN)
                            && now.isBefore(windowStart.plus(WINDOW).plus(WINDOW));
            doneBefore = adjacent ? doneInWindow : 0;
            doneInWindow = 0;
            windowStart = now;
        }
        doneInWindow++;
    }

    /// At this load further messages are parked.
    int high() {
        int rate = Math.max(doneBefore, doneInWindow);
        return Math.max(configured.hiwat(), Math.min(rate, TASKS_MAX));
    }

    private int low() {
        return Math.max(configured.lowat(), high() / 2);
    }

    /// Whether a message is to be parked; remembers that something is parked.
    boolean hold(int load) {
        if (load < high()) {
            return false;
        }
        parked = true;
        return true;
    }

    /// So many envelopes came.
    void arrived(int envelopes) {
        awaited = Math.max(0, awaited - envelopes);
    }

    /// What to ask for at this load. When nothing comes of a release, and nothing is left, the rest
    /// is asked for and nothing counts as parked any more.
    Ask next(int load, Instant now) {
        if (!parked || load > low()) {
            return new Ask.Nothing();
        }
        boolean late =
                !released.equals(Instant.MIN) && now.isAfter(released.plus(RELEASE_PATIENCE));
        if (awaited > 0 && !late) {
            return new Ask.Nothing();
        }
        if (awaited > 0 && load == 0) {
            parked = false;
            awaited = 0;
            return new Ask.Some(0);
        }
        awaited = Math.max(configured.release(), high() - load);
        released = now;
        return new Ask.Some(awaited);
    }

    /// Nothing is parked any more: there is a fresh queue.
    void reset() {
        parked = false;
        awaited = 0;
        released = Instant.MIN;
    }

    /// Whether envelopes of ours are parked with the scheduler.
    boolean parked() {
        return parked;
    }
}
