package smtpd.scheduler;

import smtpd.core.mail.DeliveryType;

import java.util.EnumSet;
import java.util.Set;

/// The types of delivery the operator has stopped.
final class Pauses {
    private final Set<DeliveryType> paused = EnumSet.noneOf(DeliveryType.class);

    boolean paused(DeliveryType type) {
        return paused.contains(type);
    }

    /// Stops or resumes a type.
    ///
    /// @return false if that is how it was
    boolean set(DeliveryType type, boolean on) {
        return on ? paused.add(type) : paused.remove(type);
    }
}
