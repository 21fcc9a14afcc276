package smtpd.queue.seal;

import java.io.IOException;

/// Sealed bytes are not what was sealed, or not with a key that is known.
public final class SealException extends IOException {
    private static final long serialVersionUID = 1L;

    /// Says what is wrong.
    public SealException(String message) {
        super(message);
    }
}
