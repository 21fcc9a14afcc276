package smtpd.scheduler;

import smtpd.core.mail.DeliveryType;

import java.util.LinkedHashSet;
import java.util.Set;

/// The envelopes parked because one relay or one user is saturated, oldest first.
final class HoldQueue {
    /// Envelopes in one hold queue, at about 50 bytes each; the next one backs off instead.
    ///
    /// OpenSMTPD: 1000. A larger backlog of one user or relay then drains with pauses, in which
    /// those that backed off are waited for.
    static final int HELD_MAX = 50_000;

    /// Whose hold queue it is.
    ///
    /// @param type mta: a relay; mda: a user
    /// @param id which of them
    record Key(DeliveryType type, long id) {}

    final Key key;
    final Set<Entry> entries = new LinkedHashSet<>();

    HoldQueue(Key key) {
        this.key = key;
    }
}
