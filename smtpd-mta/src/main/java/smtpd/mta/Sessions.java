package smtpd.mta;

import java.util.function.Consumer;

/// The agent's only way to the network: opens sessions.
@FunctionalInterface
public interface Sessions {
    /// Opens a session. It reports [SessionReport.Ready] once the server has greeted, and
    /// [SessionReport.Ended] exactly once, as its last word.
    ///
    /// @param plan where to and how
    /// @param reports called in the agent's own thread, never from within this call
    OpenSession open(SessionPlan plan, Consumer<SessionReport> reports);
}
