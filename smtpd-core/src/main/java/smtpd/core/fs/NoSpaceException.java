package smtpd.core.fs;

import java.io.IOException;

/// The disk, or this user's share of it, is full.
public sealed class NoSpaceException extends IOException permits NoDescriptorException {
    private static final long serialVersionUID = 1L;

    /// A full disk met by the named operation.
    public NoSpaceException(String operation) {
        this(operation, "no space left");
    }

    NoSpaceException(String operation, String what) {
        super(operation + ": " + what);
    }
}
