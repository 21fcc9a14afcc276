package smtpd.scheduler;

import smtpd.core.conf.Limits;
import smtpd.core.mail.DeliveryType;

/// When the next attempt is: the creation time plus base·n², for the smallest n that lies in the
/// future, so that the pause between attempts grows with the age of the envelope.
///
/// OpenSMTPD: `scheduler_backoff`; there, the bases are fixed.
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
