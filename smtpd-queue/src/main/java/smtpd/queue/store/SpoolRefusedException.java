package smtpd.queue.store;

import java.io.IOException;

/// This spool is not one to work on: a newer format.
public final class SpoolRefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    SpoolRefusedException(String text) {
        super(text);
    }
}
