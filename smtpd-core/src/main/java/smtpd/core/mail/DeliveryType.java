package smtpd.core.mail;

import java.util.Locale;

/// Who delivers an envelope.
public enum DeliveryType {
    /// The mda process, on this machine.
    MDA,
    /// The mta process, to another server.
    MTA,
    /// The queue itself, as a report to the sender.
    BOUNCE;

    /// The lower-case word of `smtpctl show queue`.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
