package smtpd.filter.wire;

/// The server says what the protocol does not know. There is nothing to be done but to end: the
/// server starts the filter again.
public final class ProtocolException extends Exception {
    private static final long serialVersionUID = 1L;

    /// Says what is wrong.
    public ProtocolException(String message) {
        super(message);
    }

    /// Says what is wrong, and how that was found.
    public ProtocolException(String message, Throwable cause) {
        super(message, cause);
    }
}
