package smtpd.scheduler;

import smtpd.core.imsg.ScheduleEntry;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.time.Duration;
import java.time.Instant;

/// An envelope to submit, with everything a test does not care about filled in.
///
/// @param entry the envelope
record Mail(ScheduleEntry entry) {
    /// The time at which most tests begin.
    static final Instant T0 = Instant.parse("2026-03-01T12:00:00Z");

    static final Duration TTL = Duration.ofDays(4);

    /// A new remote envelope, created at [#T0].
    static Mail mta(int msgid, int low, String destination) {
        return of(DeliveryType.MTA, msgid, low, destination);
    }

    static Mail of(DeliveryType type, int msgid, int low, String destination) {
        return new Mail(
                new ScheduleEntry(
                        id(msgid, low), type, destination, T0, TTL, 0, Instant.EPOCH, false));
    }

    static EvpId id(int msgid, int low) {
        return new MsgId(msgid).envelope(low);
    }

    Mail created(Instant created) {
        return tried(created, entry.retry(), entry.lastTry());
    }

    Mail tried(Instant created, int retry, Instant lastTry) {
        return new Mail(
                new ScheduleEntry(
                        entry.id(),
                        entry.type(),
                        entry.destination(),
                        created,
                        entry.ttl(),
                        retry,
                        lastTry,
                        entry.suspended()));
    }

    Mail ttl(Duration ttl) {
        return new Mail(
                new ScheduleEntry(
                        entry.id(),
                        entry.type(),
                        entry.destination(),
                        entry.created(),
                        ttl,
                        entry.retry(),
                        entry.lastTry(),
                        entry.suspended()));
    }

    Mail suspended() {
        return new Mail(
                new ScheduleEntry(
                        entry.id(),
                        entry.type(),
                        entry.destination(),
                        entry.created(),
                        entry.ttl(),
                        entry.retry(),
                        entry.lastTry(),
                        true));
    }
}
