package smtpd.mda;

import smtpd.core.imsg.UserRecord;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Envelope.Target;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Delivers to a command: it gets the message on its standard input, and its exit status is the
/// verdict.
final class CommandDelivery {
    /// How long a command may run (OpenSMTPD: 300 s).
    static final Duration TIMEOUT = Duration.ofMinutes(5);

    /// The search path of a command (glibc's `_PATH_DEFPATH`).
    private static final String PATH = "/usr/bin:/bin";

    private final Commands commands;

    CommandDelivery(Commands commands) {
        this.commands = commands;
    }

    Verdict deliver(
            UserRecord user, String command, List<String> environment, String top, Letter letter)
            throws IOException {
        Commands.Running running = commands.start(user, command, environment, TIMEOUT);
        boolean readAll = feed(running, top, letter);
        return Sysexits.verdict(running.await(), readAll);
    }

    /// Writes the message; false if the command did not take all of it.
    private static boolean feed(Commands.Running running, String top, Letter letter)
            throws IOException {
        OutputStream stdin = running.stdin();
        try {
            LfOutput out = new LfOutput(stdin);
            letter.writeTo(top, out);
            out.end();
            stdin.close();
            return true;
        } catch (DeliveryFailure e) {
            // It must be dead before its input ends: it would take the part for the whole.
            running.kill();
            running.await();
            close(stdin);
            throw e;
        } catch (IOException _) {
            close(stdin);
            return false;
        }
    }

    private static void close(OutputStream stdin) {
        try {
            stdin.close();
        } catch (IOException _) {
            return;
        }
    }

    /// The whole environment of a command, as OpenSMTPD's.
    static List<String> environment(UserRecord user, Envelope envelope) {
        List<String> lines = new ArrayList<>();
        lines.add("PATH=" + PATH);
        lines.add("DOMAIN=" + envelope.dest().domain());
        lines.add("HOME=" + user.home());
        lines.add("RECIPIENT=" + envelope.dest());
        lines.add("ORIGINAL_RECIPIENT=" + envelope.rcpt());
        lines.add("SHELL=/bin/sh");
        lines.add("LOCAL=" + envelope.dest().user());
        lines.add("LOGNAME=" + user.name());
        lines.add("USER=" + user.name());
        lines.add("SENDER=" + envelope.sender());
        if (envelope.target() instanceof Target.Mda target && !target.subaddress().isEmpty()) {
            lines.add("EXTENSION=" + target.subaddress().toLowerCase(Locale.ROOT));
        }
        return List.copyOf(lines);
    }
}
