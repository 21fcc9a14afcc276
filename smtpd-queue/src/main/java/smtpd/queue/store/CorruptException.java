package smtpd.queue.store;

import java.io.IOException;

/// Bytes in the spool are not what was written there.
final class CorruptException extends IOException {
    private static final long serialVersionUID = 1L;

    CorruptException(String text) {
        super(text);
    }
}
