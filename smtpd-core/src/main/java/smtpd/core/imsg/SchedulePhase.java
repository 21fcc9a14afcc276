package smtpd.core.imsg;

/// Where a committed envelope stands.
public enum SchedulePhase {
    /// Waits for its time.
    PENDING,
    /// Is being delivered.
    INFLIGHT,
    /// Is parked because its destination is saturated.
    HELD
}
