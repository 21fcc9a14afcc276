package smtpd.core.imsg;

/// A peer sent something its edge does not allow: the link must end, and nothing else.
public final class ImsgViolation extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param message what was wrong, without any content of the frame
    public ImsgViolation(String message) {
        super(message);
    }
}
