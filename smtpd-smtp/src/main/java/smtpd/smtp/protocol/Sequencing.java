package smtpd.smtp.protocol;

import smtpd.core.smtp.Command;
import smtpd.core.smtp.Reply;

import java.util.Optional;

/// The order of commands (RFC 5321 §4.1.4), and of groups of commands (RFC 2920 §3.1).
public final class Sequencing {
    private Sequencing() {}

    /// What is answered to a command that may not come now; empty if it may.
    public static Optional<Reply> check(Phase phase, Command command) {
        boolean allowed =
                switch (phase) {
                    case Phase.Greeted _ -> !isOfTransaction(command);
                    case Phase.Identified _ ->
                            command instanceof Command.Mail || !isOfTransaction(command);
                    case Phase.InTransaction _ ->
                            !(command instanceof Command.Mail
                                    || command instanceof Command.StartTls
                                    || command instanceof Command.Auth);
                };
        return allowed ? Optional.empty() : Optional.of(Replies.OUT_OF_ORDER);
    }

    private static boolean isOfTransaction(Command command) {
        return command instanceof Command.Mail
                || command instanceof Command.Rcpt
                || command instanceof Command.Data;
    }

    /// Whether nothing may have been sent behind `command` before its reply: it may change what the
    /// following bytes mean, or the client has not been told that it may send commands in groups.
    ///
    /// Departure from RFC 2920 §3.1: NOOP, VRFY, EXPN and HELP may stand anywhere, they change
    /// nothing; behind QUIT whatever comes is dropped.
    public static boolean endsGroup(Phase phase, Command command) {
        if (command instanceof Command.Quit) {
            return false;
        }
        return !mayGroup(phase)
                || command instanceof Command.Ehlo
                || command instanceof Command.Helo
                || command instanceof Command.Data
                || command instanceof Command.StartTls
                || command instanceof Command.Auth;
    }

    /// Whether PIPELINING was announced.
    public static boolean mayGroup(Phase phase) {
        return switch (phase) {
            case Phase.Greeted _ -> false;
            case Phase.Identified it -> it.hello().extended();
            case Phase.InTransaction it -> it.outside().hello().extended();
        };
    }
}
