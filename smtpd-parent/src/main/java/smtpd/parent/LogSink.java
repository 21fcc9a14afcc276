package smtpd.parent;

import smtpd.core.sys.Descriptors;
import smtpd.core.sys.SysException;
import smtpd.core.sys.UnixDatagrams;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/// Where the log lines of every process end up: our own standard error, or syslog.
///
/// Processes write bare lines to their standard error. For syslog that is a pipe whose other end is
/// read here; a line that syslog does not take at once is dropped, so that a blocked log never
/// blocks mail.
final class LogSink {
    /// syslog facility mail.
    private static final int FACILITY_MAIL = 2 << 3;

    private static final int ERR = 3;
    private static final int WARNING = 4;
    private static final int INFO = 6;
    private static final int DEBUG = 7;

    private static final int STANDARD_ERROR = 2;

    private final int fd;

    private LogSink(int fd) {
        this.fd = fd;
    }

    /// Lines go to our standard error.
    static LogSink standardError() {
        return new LogSink(STANDARD_ERROR);
    }

    /// Lines go to the system log, our own too.
    static LogSink syslog() throws SysException {
        Descriptors.Pipe pipe = Descriptors.Pipe.open();
        UnixDatagrams log = UnixDatagrams.syslog();
        Thread.ofPlatform().name("log").daemon(true).start(() -> relay(pipe.read(), log));
        System.setErr(
                new java.io.PrintStream(
                        Descriptors.output(pipe.write()), true, StandardCharsets.UTF_8));
        return new LogSink(pipe.write());
    }

    /// The descriptor that becomes a process's standard error.
    int fd() {
        return fd;
    }

    private static void relay(int pipe, UnixDatagrams log) {
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(Descriptors.input(pipe), StandardCharsets.UTF_8))) {
            String line;
            while ((line = lines.readLine()) != null) {
                if (!line.isBlank()) {
                    boolean sent = log.send(message(line).getBytes(StandardCharsets.UTF_8));
                    assert sent || log.dropped() > 0;
                }
            }
        } catch (IOException e) {
            // the pipe ends with the daemon
        }
    }

    /// A line as syslog(3) writes it; the local log service adds time and host.
    static String message(String line) {
        return "<"
                + (FACILITY_MAIL | severity(line))
                + ">smtpd["
                + ProcessHandle.current().pid()
                + "]: "
                + line;
    }

    private static int severity(String line) {
        if (line.startsWith("fatal:")) {
            return ERR;
        }
        if (line.startsWith("warn:")) {
            return WARNING;
        }
        return line.startsWith("debug:") ? DEBUG : INFO;
    }
}
