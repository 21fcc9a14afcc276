package smtpd.control.web;

import smtpd.control.stat.LatestReading;
import smtpd.control.stat.MetricsText;
import smtpd.control.stat.Reading;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// The statistics for a Prometheus server. Values that are too old are not passed on: the server
/// then knows that it knows nothing.
public final class MetricsPage implements HttpDoor.Page {
    /// How old values may be.
    static final Duration AGE_MAX = Duration.ofSeconds(30);

    private final LatestReading latest;
    private final InstantSource clock;

    public MetricsPage(LatestReading latest, InstantSource clock) {
        this.latest = latest;
        this.clock = clock;
    }

    @Override
    public HttpAnswer answer(HttpRequest request) throws IOException {
        Instant now = clock.instant();
        Reading reading = latest.get();
        if (reading.at().isBefore(now.minus(AGE_MAX))) {
            throw new IOException("the statistics are older than " + AGE_MAX.toSeconds() + " s");
        }
        boolean openMetrics = request.head("accept").contains("application/openmetrics-text");
        return HttpAnswer.ok(
                openMetrics ? MetricsText.OPEN_METRICS : MetricsText.TEXT,
                MetricsText.of(reading, now, openMetrics));
    }
}
