package smtpd.control.stat;

import java.time.Instant;
import java.util.TreeMap;

/// Keeps the last reading for whoever comes and asks: a Prometheus server, the status page.
/// Thread-safe.
public final class LatestReading implements Backend {
    private volatile Reading latest = new Reading(Instant.EPOCH, new TreeMap<>());

    @Override
    public void take(Reading reading) {
        latest = reading;
    }

    /// The last reading; of 1970 before there was any.
    public Reading get() {
        return latest;
    }

    @Override
    public void close() {}
}
