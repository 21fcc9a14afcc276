package smtpd.core.sys;

import java.io.IOException;

/// A system call that the kernel refused: which call, and its errno.
public final class SysException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String call;
    private final int errno;

    /// @param call what was tried, as it should read in a log line: `openat /etc/shadow`
    /// @param errno the error number, positive
    public SysException(String call, int errno) {
        super(call + ": " + Errno.name(errno));
        this.call = call;
        this.errno = errno;
    }

    public String call() {
        return call;
    }

    /// The error number, comparable with the constants of `Errno`.
    public int errno() {
        return errno;
    }

    /// The symbolic name of the error number: `EACCES`.
    public String errnoName() {
        return Errno.name(errno);
    }
}
