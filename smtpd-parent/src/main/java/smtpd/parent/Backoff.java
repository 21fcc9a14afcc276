package smtpd.parent;

import java.time.Duration;

/// How long to wait before a dead process is started again: at once at first, longer when it keeps
/// dying.
final class Backoff {
    /// After the first death.
    static final Duration FIRST = Duration.ofMillis(50);

    /// Never longer.
    static final Duration MAX = Duration.ofSeconds(30);

    /// A process that lived so long dies for the first time again.
    static final Duration SETTLED = Duration.ofSeconds(30);

    private Backoff() {}

    /// @param previous the last wait, or zero
    /// @param lived how long the process lived
    static Duration next(Duration previous, Duration lived) {
        if (previous.isZero() || lived.compareTo(SETTLED) >= 0) {
            return FIRST;
        }
        Duration doubled = previous.multipliedBy(2);
        return doubled.compareTo(MAX) > 0 ? MAX : doubled;
    }
}
