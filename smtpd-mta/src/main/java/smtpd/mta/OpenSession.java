package smtpd.mta;

/// What the agent can tell a session it opened. None of these waits.
public interface OpenSession {
    /// Hands it a message; answered by [SessionReport.Finished], in order, unless the session ends
    /// first.
    void give(Task task);

    /// After what was given: QUIT.
    void finish();

    /// Breaks it off at once: the server takes too long.
    void abort();

    /// What was given is not wanted any more: what has not reached its final dot never does. The
    /// server has no part in it, and hears QUIT where the dialogue allows.
    void drop();
}
