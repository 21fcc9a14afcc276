package smtpd.parent;

import smtpd.core.sys.Descriptors;
import smtpd.core.sys.SysException;
import smtpd.core.sys.UnixDatagrams;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;

/// Where the log lines of every process end up: our own standard error, or syslog.
///
/// Processes write bare lines to their standard error. For syslog that is a pipe whose other end is
/// read here ([LogRelay]).
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

    /// Lines go to the system log, our own too; those it does not take to `spill`.
    static LogSink syslog(Path spill) throws SysException {
        Descriptors.Pipe pipe = Descriptors.Pipe.open();
        UnixDatagrams log = UnixDatagrams.syslog();
        LogRelay relay =
                new LogRelay(
                        line -> log.send(message(line).getBytes(StandardCharsets.UTF_8)),
                        new LogSpill(spill, InstantSource.system()));
        Thread.ofPlatform()
                .name("log-relay")
                .daemon(true)
                .start(() -> relay.run(Descriptors.input(pipe.read())));
        System.setErr(
                new PrintStream(Descriptors.output(pipe.write()), true, StandardCharsets.UTF_8));
        return new LogSink(pipe.write());
    }

    /// Where our own lines go.
    OutputStream output() {
        return Descriptors.output(fd);
    }

    /// The descriptor that becomes a process's standard error.
    int fd() {
        return fd;
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
