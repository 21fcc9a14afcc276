package smtpd.mta;

/// The session cannot go on.
final class SessionEnd extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient RouteVerdict verdict;
    private final Phase phase;

    /// @param verdict what it means for the route
    /// @param phase where it happened
    /// @param reason for the log
    SessionEnd(RouteVerdict verdict, Phase phase, String reason) {
        super(reason);
        this.verdict = verdict;
        this.phase = phase;
    }

    RouteVerdict verdict() {
        return verdict;
    }

    Phase phase() {
        return phase;
    }

    String reason() {
        return String.valueOf(getMessage());
    }
}
