package smtpd.queue;

import smtpd.core.imsg.ScheduleEntry;
import smtpd.core.mail.Envelope;

/// What the scheduler is told of an envelope.
final class Entries {
    private Entries() {}

    static ScheduleEntry of(Envelope envelope) {
        return new ScheduleEntry(
                envelope.id(),
                envelope.type(),
                envelope.destination(),
                envelope.created(),
                envelope.ttl(),
                envelope.state().retry(),
                envelope.state().lastTry(),
                envelope.state().suspended());
    }
}
