package smtpd.smtp.protocol;

/// What a session may waste of our time, all given back with each accepted message. As many
/// protocol errors or probes as `max-errors` says use it up, or ten times as many refused
/// recipients: a mailing list has its dead members, a dictionary attack has nothing else.
public final class ErrorBudget {
    /// An error in the protocol, or a question that only probes ask.
    public static final int PROTOCOL = 10;

    /// A recipient refused for good.
    public static final int RECIPIENT = 1;

    private final int all;
    private final int commandsMax;
    private int left;
    private int commands;

    /// @param errors protocol errors between two messages; 0 for any number
    /// @param commands commands between two messages; 0 for any number
    public ErrorBudget(int errors, int commands) {
        commandsMax = commands;
        all = errors == 0 ? Integer.MAX_VALUE : Math.min(errors, ERRORS_MAX) * PROTOCOL;
        left = all;
    }

    /// Most errors that can be asked for.
    private static final int ERRORS_MAX = 1_000_000;

    /// Counts what a command cost, see [Verb#cost].
    public void charge(int cost) {
        left -= all == Integer.MAX_VALUE ? 0 : cost;
    }

    /// A command has come that brings a message no further.
    public void command() {
        commands++;
    }

    /// Whether there were too many commands.
    public boolean tooMany() {
        return commandsMax > 0 && commands > commandsMax;
    }

    /// Whether nothing is left.
    public boolean spent() {
        return left <= 0;
    }

    /// A message was accepted.
    public void restore() {
        left = all;
        commands = 0;
    }
}
