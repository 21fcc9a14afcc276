package smtpd.mda;

import smtpd.core.imsg.UserRecord;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;

/// Runs delivery commands: the parent does it for us.
@FunctionalInterface
public interface Commands {
    /// Starts a shell command as a user.
    ///
    /// @param user whose rights it has
    /// @param command for `/bin/sh -c`
    /// @param environment `NAME=value`, all there is
    /// @param timeout after this it is killed with everything it started
    /// @throws IOException if it cannot be started now
    Running start(UserRecord user, String command, List<String> environment, Duration timeout)
            throws IOException;

    /// A command that was started.
    interface Running {
        /// Its standard input; closing it is the end of the message.
        OutputStream stdin();

        /// Waits for its end.
        ///
        /// @throws IOException if its end will never be known
        Ended await() throws IOException;

        /// Kills it with everything it started, if it still runs.
        void kill();
    }

    /// How a command ended.
    ///
    /// @param exit exit status, or -1
    /// @param signal the signal that ended it, or 0
    /// @param timedOut killed for taking too long
    /// @param output the last line it printed, or empty
    record Ended(int exit, int signal, boolean timedOut, String output) {}
}
