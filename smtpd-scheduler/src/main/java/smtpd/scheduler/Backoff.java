package smtpd.scheduler;

import smtpd.core.conf.Limits;
import smtpd.core.mail.DeliveryType;

import java.time.Duration;
import java.util.List;

/// When the next attempt is: the creation time plus base·n², for the smallest n that lies in the
/// future, so that the pause between attempts grows with the age of the envelope.
///
/// OpenSMTPD: `scheduler_backoff`; there, the bases are fixed. Pauses of `scheduler retry` take the
/// place of the formula.
final class Backoff {
    /// Base of envelopes that found their hold queue full.
    static final long OVERFLOW_MILLIS = 3_000;

    private Backoff() {}

    /// The base of a type, in milliseconds. By default remote deliveries are tried 6m40, 26m40, 1h,
    /// 1h47, 2h47 … after creation (RFC 5321 §4.5.4.1 asks for at least 30 minutes between attempts
    /// in general, and for two early ones); local ones after seconds: a local fault is usually
    /// mended at once or by hand.
    static long base(Limits.Retry retry, DeliveryType type) {
        return 1000L
                * switch (type) {
                    case MTA -> retry.mta();
                    case MDA -> retry.mda();
                    case BOUNCE -> retry.bounce();
                };
    }

    /// When a remote or local delivery is tried next: by the pauses that are configured for its
    /// destination, or by the base of its type; all times in milliseconds since the epoch.
    ///
    /// @param created the origin of the schedule
    /// @param now the present; before `created` it counts as `created`
    static long next(
            Limits.Retry retry, DeliveryType type, String destination, long created, long now) {
        List<Duration> pauses =
                type == DeliveryType.MTA ? retry.pauses().of(destination) : List.of();
        return pauses.isEmpty()
                ? next(base(retry, type), created, now)
                : next(pauses, created, now);
    }

    /// The first time later than `now` that lies a sum of pauses after the creation; the last pause
    /// is repeated.
    ///
    /// @param pauses each at least a millisecond, at least one
    static long next(List<Duration> pauses, long created, long now) {
        long at = created;
        for (Duration pause : pauses) {
            at += pause.toMillis();
            if (at > now) {
                return at;
            }
        }
        long last = pauses.getLast().toMillis();
        return at + ((now - at) / last + 1) * last;
    }

    /// The first time on the schedule later than `now`; all times in milliseconds since the epoch.
    ///
    /// @param base milliseconds, more than 0
    /// @param created the origin of the schedule
    /// @param now the present; before `created` it counts as `created`
    static long next(long base, long created, long now) {
        long age = Math.max(0, now - created);
        long n = (long) Math.sqrt((double) age / base);
        while (base * n * n <= age) {
            n++;
        }
        while (n > 1 && base * (n - 1) * (n - 1) > age) {
            n--;
        }
        return created + base * n * n;
    }
}
