package smtpd.core.proc;

import java.time.Duration;
import java.time.Instant;

/// The only time an agent knows: a steady clock, and things to do later in its own thread.
public interface Agenda {
    /// Now: wall-clock time at the start of the process, advanced by the monotonic clock, so that a
    /// step of the wall clock never expires anything.
    Instant now();

    /// Runs `task` in the agent's thread, not before `delay` has passed.
    void after(Duration delay, Runnable task);
}
