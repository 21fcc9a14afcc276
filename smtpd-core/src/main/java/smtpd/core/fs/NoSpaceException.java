package smtpd.core.fs;

import java.io.IOException;

/// The disk, or this user's share of it, is full.
public final class NoSpaceException extends IOException {
    private static final long serialVersionUID = 1L;

    /// A full disk met by the named operation.
    public NoSpaceException(String operation) {
        super(operation + ": no space left");
    }
}
