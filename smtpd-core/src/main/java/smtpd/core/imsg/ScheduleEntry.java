package smtpd.core.imsg;

import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.EvpId;

import java.time.Duration;
import java.time.Instant;

/// What the scheduler knows of an envelope: when it may be tried, never what is in it.
///
/// @param id the envelope
/// @param type who delivers it
/// @param destination envelopes of one message with equal destinations belong together
/// @param created when it was accepted
/// @param ttl how long after that it expires
/// @param retry how many attempts have failed temporarily
/// @param lastTry the end of the last attempt, or the epoch
/// @param suspended held by the operator
public record ScheduleEntry(
        EvpId id,
        DeliveryType type,
        String destination,
        Instant created,
        Duration ttl,
        int retry,
        Instant lastTry,
        boolean suspended) {
    static void write(FrameOut out, ScheduleEntry value) {
        Wire.evpid(out, value.id());
        out.choice(value.type());
        out.text(value.destination());
        out.instant(value.created());
        out.duration(value.ttl());
        out.u32(value.retry());
        out.instant(value.lastTry());
        out.bool(value.suspended());
    }

    static ScheduleEntry read(FrameIn in) {
        return new ScheduleEntry(
                Wire.evpid(in),
                in.choice(DeliveryType.values()),
                in.text(),
                in.instant(),
                in.duration(),
                in.u32(),
                in.instant(),
                in.bool());
    }
}
