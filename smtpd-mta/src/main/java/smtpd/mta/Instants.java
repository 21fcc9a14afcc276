package smtpd.mta;

import java.time.Duration;
import java.time.Instant;

/// Arithmetic with [Instant#MIN] standing for "never".
final class Instants {
    private Instants() {}

    static Instant plus(Instant from, Duration by) {
        return from.equals(Instant.MIN) ? Instant.MIN : from.plus(by);
    }

    static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
