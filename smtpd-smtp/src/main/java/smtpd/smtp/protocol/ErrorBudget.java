package smtpd.smtp.protocol;

/// What a session may waste of our time: [Limits#ERRORS] points, all given back with each accepted
/// message. Twenty protocol errors or probes use it up, or two hundred refused recipients: a
/// mailing list has its dead members, a dictionary attack has nothing else.
public final class ErrorBudget {
    /// An error in the protocol, or a question that only probes ask.
    public static final int PROTOCOL = 10;

    /// A recipient refused for good.
    public static final int RECIPIENT = 1;

    private int left = Limits.ERRORS;

    /// Counts what a command cost, see [Verb#cost].
    public void charge(int cost) {
        left -= cost;
    }

    /// Whether nothing is left.
    public boolean spent() {
        return left <= 0;
    }

    /// A message was accepted.
    public void restore() {
        left = Limits.ERRORS;
    }
}
