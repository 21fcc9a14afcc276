package smtpd.queue.store;

/// The store's "not now" or "not possible": nothing was changed.
///
/// @param reason what kind
/// @param text one line for the log
public record Refused(Reason reason, String text)
        implements StoreResult, NewMessage, Loaded, Stored, Piece {
    /// Why a store refuses.
    public enum Reason {
        /// The disk is full or its free space is below the floor: 452 4.3.1; try again later.
        NO_SPACE,
        /// The device failed: no further change is accepted until the daemon is restarted.
        FAILED,
        /// More waits for the disk than may, or no descriptor is left: try again later.
        BUSY,
        /// The message or envelope it speaks of does not exist here, or its id is taken.
        UNKNOWN,
        /// The bytes do not match their checksum or their stated size.
        DAMAGED
    }
}
