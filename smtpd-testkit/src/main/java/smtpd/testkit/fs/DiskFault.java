package smtpd.testkit.fs;

/// What goes wrong in one call of a simulated disk.
public enum DiskFault {
    /// The machine dies before the call takes effect.
    CRASH_BEFORE,
    /// The machine dies after the call took effect, before it returns.
    CRASH_AFTER,
    /// The disk is full; a write may have taken effect in part. Only writes and creations meet it.
    NO_SPACE,
    /// The device fails; a write may have taken effect in part, and what a failed force should have
    /// made durable never becomes so, though it can still be read.
    IO_ERROR
}
