package smtpd.control.web.page;

import smtpd.control.stat.Metric;
import smtpd.control.stat.Reading;
import smtpd.core.imsg.ManagedService;
import smtpd.core.mail.Delay;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/// How things stand at this moment, in large figures.
final class NowSection implements Section {
    /// Shorter times are told in parts of a second.
    private static final long SHORT = TimeUnit.SECONDS.toMicros(10);

    @Override
    public String id() {
        return "now";
    }

    @Override
    public String title() {
        return "Now";
    }

    @Override
    public List<Source> sources(Glance glance) {
        return List.of(new Source("statistics", glance.mail().reading()));
    }

    @Override
    public void draw(Sheet sheet) {
        Html html = sheet.html();
        html.open("dl", "class", "tiles");
        if (sheet.glance().mail().reading() instanceof Heard.Said<Reading>(var reading, _, _, _)) {
            tile(html, "recipients waiting", level(reading, "scheduler.envelope"));
            tile(html, "of them under way", level(reading, "scheduler.envelope.inflight"));
            tile(html, "clients connected", level(reading, "smtp.session"));
            tile(html, "sessions to servers", level(reading, "mta.session"));
            tile(html, "last delivery", lastDelivery(reading));
            durations(html, reading);
            tile(html, "delivered at the first try", firstTry(reading));
        }
        html.closeLine();
        services(sheet);
    }

    private static void tile(Html html, String what, String value) {
        html.open("div").element("dt", what).element("dd", value).closeLine();
    }

    private static String level(Reading reading, String key) {
        return reading.metrics().get(key) instanceof Metric.Level level
                ? Numbers.count(level.shown())
                : "0";
    }

    private static String lastDelivery(Reading reading) {
        return reading.metrics().get("delivery.last-ok") instanceof Metric.Stamp(long second)
                ? ago(Instant.ofEpochSecond(second), reading.at())
                : "none yet";
    }

    private static String ago(Instant when, Instant now) {
        long seconds = Duration.between(when, now).toSeconds();
        return seconds < 2 ? "now" : Delay.text(Duration.ofSeconds(seconds)) + " ago";
    }

    private static void durations(Html html, Reading reading) {
        boolean any =
                reading.metrics().get("delivery.delay") instanceof Metric.Durations(var delay)
                        && delay.count() > 0;
        tile(html, "median time to delivery", any ? percentile(reading, 0.5) : "–");
        tile(html, "90 % are delivered within", any ? percentile(reading, 0.9) : "–");
    }

    private static String percentile(Reading reading, double share) {
        long micros =
                reading.metrics().get("delivery.delay") instanceof Metric.Durations(var delay)
                        ? delay.percentile(share)
                        : 0;
        return micros < SHORT
                ? String.format(Locale.ROOT, "%.2f s", micros / 1e6)
                : Delay.text(Duration.ofSeconds(TimeUnit.MICROSECONDS.toSeconds(micros)));
    }

    private static String firstTry(Reading reading) {
        return reading.metrics().get("delivery.first-try")
                                instanceof Metric.Ratio(long part, long whole)
                        && whole > 0
                ? String.format(Locale.ROOT, "%.1f %%", 100.0 * part / whole)
                : "–";
    }

    private static void services(Sheet sheet) {
        Html html = sheet.html();
        html.open("ul", "class", "services");
        for (ManagedService service : ManagedService.values()) {
            String word = service.name().toLowerCase(Locale.ROOT);
            boolean paused = sheet.glance().daemon().paused().contains(service);
            html.open("li", "class", paused ? "paused" : "running");
            html.element("b", word).text(paused ? " is paused " : " is running ");
            if (service != ManagedService.SMTP) {
                sheet.button(
                        (paused ? "resume " : "pause ") + word, paused ? "resume" : "pause", word);
            }
            html.closeLine();
        }
        html.closeLine();
    }
}
