package smtpd.scheduler;

import org.jspecify.annotations.Nullable;

/// The shelf cannot be read or written.
final class ShelfException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// What is wrong.
    enum Kind {
        /// The file.
        DAMAGED,
        /// The disk, or its room.
        DISK,
        /// Something else: a mistake of ours.
        OTHER
    }

    private final Kind kind;

    ShelfException(String message, Kind kind, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /// Whether it is the file that is wrong, rather than the disk or its room.
    boolean isDamaged() {
        return kind == Kind.DAMAGED;
    }

    /// Whether it is the disk that is wrong, or has no room.
    boolean isDisk() {
        return kind == Kind.DISK;
    }
}
