package smtpd.mta;

/// What the agent can tell a session it opened. None of these waits.
public interface OpenSession {
    /// Hands it a message; answered by [SessionReport.Finished], in order, unless the session ends
    /// first.
    void give(Task task);

    /// After what was given: QUIT.
    void finish();

    /// Breaks it off at once.
    void abort();
}
