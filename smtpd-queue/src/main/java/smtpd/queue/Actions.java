package smtpd.queue;

import smtpd.core.imsg.ScheduleEntry;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Envelope.Target;

import java.util.Set;

/// What the queue knows of the configured actions, and what the scheduler is told of envelopes with
/// that.
///
/// @param names all that exist
/// @param smarthosts those that relay everything to the same host: a message goes there with all
///   its recipients, whatever their domains
public record Actions(Set<String> names, Set<String> smarthosts) {
    public Actions {
        names = Set.copyOf(names);
        smarthosts = Set.copyOf(smarthosts);
    }

    /// Whether the action that accepted an envelope still exists.
    boolean exists(String name) {
        return names.contains(name);
    }

    /// An envelope as the scheduler sees it.
    ScheduleEntry entry(Envelope envelope) {
        return new ScheduleEntry(
                envelope.id(),
                envelope.type(),
                destination(envelope),
                envelope.created(),
                envelope.lifetime(),
                envelope.state().retry(),
                envelope.state().lastTry(),
                envelope.state().suspended());
    }

    private String destination(Envelope envelope) {
        return envelope.target() instanceof Target.Mta(String action) && smarthosts.contains(action)
                ? action
                : envelope.destination();
    }
}
