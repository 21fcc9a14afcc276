package smtpd.scheduler;

import smtpd.core.mail.DeliveryType;

import java.util.EnumMap;
import java.util.Map;

/// Which envelopes ran out of time while nothing of their type was tried: these are tried once more
/// before they expire.
final class Sparing {
    private final Map<DeliveryType, Pause> pauses = new EnumMap<>(DeliveryType.class);

    /// From when and until when a type was paused; until for ever while it is. What lies between
    /// two pauses counts as paused.
    private record Pause(long from, long until) {}

    void pause(DeliveryType type, boolean on, long now) {
        Pause before = pauses.get(type);
        long from = before == null ? now : before.from;
        pauses.put(type, new Pause(from, on ? Long.MAX_VALUE : now));
    }

    /// Whether anything was ever paused.
    boolean isUsed() {
        return !pauses.isEmpty();
    }

    /// Whether an envelope's time was over while its type was paused, and it was not tried since.
    boolean spares(Entry entry) {
        Pause pause = pauses.get(entry.group.destination.type);
        return pause != null
                && entry.expiry() > pause.from
                && entry.expiry() <= pause.until
                && entry.lastTry < pause.until
                && !entry.is(Entry.SUSPENDED);
    }
}
