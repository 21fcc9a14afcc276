package smtpd.mta;

/// How many sessions a route may have at a time, as its server has taught us: one more after each
/// round of successes, half as many after an error or 421.
///
/// It never falls below one; `max-conn-per-…` bound it from above. OpenSMTPD: no such thing; every
/// route goes up to its limits at once.
final class Window {
    /// Sessions of a route that has just proven itself: the default of `max-conn-per-route`.
    static final int START = 5;

    /// Beyond this many it grows no more, whatever the limits: no server is helped by more.
    static final int MAX = 1000;

    private double size = START;

    /// Sessions allowed now, at least one.
    int size() {
        return (int) size;
    }

    /// A message was taken. Grows only while what is allowed is also used: an idle route proves
    /// nothing.
    ///
    /// @param used sessions of the route
    void success(int used) {
        if (used >= size()) {
            size = Math.min(MAX, size + 1 / size);
        }
    }

    /// The server complained, or was lost.
    void error() {
        size = Math.max(1, size / 2);
    }

    /// The server is met anew.
    void restart() {
        size = START;
    }
}
