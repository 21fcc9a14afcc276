package smtpd.core.fs;

import java.io.IOException;

/// Another process holds the lock file.
public final class AlreadyLockedException extends IOException {
    private static final long serialVersionUID = 1L;

    /// The lock file `name` is held.
    public AlreadyLockedException(String name) {
        super(name + ": locked by another process");
    }
}
