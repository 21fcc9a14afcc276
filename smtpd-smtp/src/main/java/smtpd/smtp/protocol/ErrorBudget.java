package smtpd.smtp.protocol;

import smtpd.core.smtp.Command;
import smtpd.core.smtp.Reply;

/// What a session may waste of our time: [Limits#ERRORS] points, all given back with each accepted
/// message. Twenty protocol errors or probes use it up, or two hundred refused recipients: a
/// mailing list has its dead members, a dictionary attack has nothing else.
public final class ErrorBudget {
    /// An error in the protocol, or a question that only probes ask.
    static final int PROTOCOL = 10;

    /// A recipient refused for good.
    static final int RECIPIENT = 1;

    private int left = Limits.ERRORS;

    /// Counts a command and its reply; false when nothing is left.
    public boolean charge(Command command, Reply reply) {
        left -= cost(command, reply);
        return left > 0;
    }

    /// A message was accepted.
    public void restore() {
        left = Limits.ERRORS;
    }

    private static int cost(Command command, Reply reply) {
        boolean refused = reply.kind() == Reply.Kind.PERMANENT;
        return switch (command) {
            case Command.Vrfy _, Command.Expn _, Command.Etrn _ -> PROTOCOL;
            case Command.Rcpt _ -> refused ? RECIPIENT : 0;
            case Command.Helo _,
                    Command.Ehlo _,
                    Command.Lhlo _,
                    Command.Mail _,
                    Command.Data _,
                    Command.Bdat _,
                    Command.Rset _,
                    Command.Noop _,
                    Command.Quit _,
                    Command.Help _,
                    Command.StartTls _,
                    Command.Auth _,
                    Command.Http _,
                    Command.Unknown _,
                    Command.Malformed _ ->
                    refused ? PROTOCOL : 0;
        };
    }
}
