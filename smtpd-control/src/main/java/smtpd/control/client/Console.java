package smtpd.control.client;

import java.io.InputStream;
import java.io.PrintStream;

/// The standard streams of a program, and its name, which begins its complaints.
///
/// @param program the name it was called by
/// @param in standard input
/// @param out standard output
/// @param err standard error
record Console(String program, InputStream in, PrintStream out, PrintStream err) {
    /// Complains and returns the exit status for it.
    int fail(int status, String text) {
        err.println(program + ": " + text);
        return status;
    }
}
