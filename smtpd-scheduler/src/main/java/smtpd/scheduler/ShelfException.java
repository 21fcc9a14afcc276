package smtpd.scheduler;

import org.jspecify.annotations.Nullable;

/// The shelf cannot be read or written.
final class ShelfException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean damaged;

    ShelfException(String message, boolean damaged, @Nullable Throwable cause) {
        super(message, cause);
        this.damaged = damaged;
    }

    /// Whether it is the file that is wrong, rather than the disk or its room.
    boolean isDamaged() {
        return damaged;
    }
}
