package smtpd.core.fs;

/// The process or the system has no descriptor left: nothing was tried, and it may go the next
/// time.
public final class NoDescriptorException extends NoSpaceException {
    private static final long serialVersionUID = 1L;

    /// Met by the named operation.
    public NoDescriptorException(String operation) {
        super(operation, "no descriptor left");
    }
}
