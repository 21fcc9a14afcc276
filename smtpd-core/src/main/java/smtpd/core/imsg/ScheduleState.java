package smtpd.core.imsg;

import smtpd.core.mail.EvpId;

import java.time.Instant;

/// Where an envelope stands in the schedule.
///
/// @param id the envelope
/// @param phase pending, inflight or held
/// @param suspended held by the operator
/// @param since the next try of a pending envelope, else when it entered the phase
/// @param lastTry the end of the last attempt, or the epoch
public record ScheduleState(
        EvpId id, SchedulePhase phase, boolean suspended, Instant since, Instant lastTry) {
    static void write(FrameOut out, ScheduleState value) {
        Wire.evpid(out, value.id());
        out.choice(value.phase());
        out.bool(value.suspended());
        out.instant(value.since());
        out.instant(value.lastTry());
    }

    static ScheduleState read(FrameIn in) {
        return new ScheduleState(
                Wire.evpid(in),
                in.choice(SchedulePhase.values()),
                in.bool(),
                in.instant(),
                in.instant());
    }
}
