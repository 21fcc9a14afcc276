package smtpd.control.stat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

class MetricsTextTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000L);

    private static Reading reading() {
        Distribution took = new Distribution();
        took.add(2_000_000);
        TreeMap<String, Metric> metrics = new TreeMap<>();
        metrics.put("scheduler.delivery.ok", new Metric.Counter(7));
        metrics.put("smtp.session", new Metric.Level(2));
        metrics.put("delivery.ok.domain:example.org", new Metric.Counter(4));
        metrics.put("delivery.ok.domain:a\"b\\c", new Metric.Counter(3));
        metrics.put("delivery.delay", new Metric.Durations(took));
        metrics.put("delivery.last", new Metric.Stamp(1_799_999_999L));
        metrics.put("delivery.first-try", new Metric.Ratio(3, 4));
        return new Reading(NOW, metrics);
    }

    @Test
    void theTextFormat() {
        assertEquals(
                """
                # HELP smtpd_delivery_delay_seconds Statistics key delivery.delay.
                # TYPE smtpd_delivery_delay_seconds summary
                smtpd_delivery_delay_seconds{quantile="0.5"} 2.000000
                smtpd_delivery_delay_seconds{quantile="0.9"} 2.000000
                smtpd_delivery_delay_seconds{quantile="0.99"} 2.000000
                smtpd_delivery_delay_seconds_sum 2.000000
                smtpd_delivery_delay_seconds_count 1
                # HELP smtpd_delivery_first_try_part_total Statistics key delivery.first-try.
                # TYPE smtpd_delivery_first_try_part_total counter
                smtpd_delivery_first_try_part_total 3
                # HELP smtpd_delivery_first_try_whole_total Statistics key delivery.first-try.
                # TYPE smtpd_delivery_first_try_whole_total counter
                smtpd_delivery_first_try_whole_total 4
                # HELP smtpd_delivery_last_timestamp_seconds Statistics key delivery.last.
                # TYPE smtpd_delivery_last_timestamp_seconds gauge
                smtpd_delivery_last_timestamp_seconds 1799999999
                # HELP smtpd_delivery_ok_by_domain_total Statistics key delivery.ok.domain.
                # TYPE smtpd_delivery_ok_by_domain_total counter
                smtpd_delivery_ok_by_domain_total{domain="a\\"b\\\\c"} 3
                smtpd_delivery_ok_by_domain_total{domain="example.org"} 4
                # HELP smtpd_scheduler_delivery_ok_total Statistics key scheduler.delivery.ok.
                # TYPE smtpd_scheduler_delivery_ok_total counter
                smtpd_scheduler_delivery_ok_total 7
                # HELP smtpd_smtp_session Statistics key smtp.session.
                # TYPE smtpd_smtp_session gauge
                smtpd_smtp_session 2
                # HELP smtpd_statistics_age_seconds Age of these values.
                # TYPE smtpd_statistics_age_seconds gauge
                smtpd_statistics_age_seconds 1.500000
                """,
                MetricsText.of(reading(), NOW.plusMillis(1_500), false));
    }

    @Test
    void openMetricsNamesCountersWithoutTheirSuffixAndEnds() {
        String text = MetricsText.of(reading(), NOW, true);
        assertTrue(text.contains("# TYPE smtpd_scheduler_delivery_ok counter\n"), text);
        assertTrue(text.contains("\nsmtpd_scheduler_delivery_ok_total 7\n"), text);
        assertTrue(text.endsWith("\n# EOF\n"), text);
    }

    @Test
    void promtoolAcceptsIt() throws IOException, InterruptedException {
        Path promtool = Path.of("/usr/bin/promtool");
        assumeTrue(Files.isExecutable(promtool), "promtool is not installed");
        Process process =
                new ProcessBuilder(promtool.toString(), "check", "metrics")
                        .redirectErrorStream(true)
                        .start();
        process.getOutputStream()
                .write(MetricsText.of(reading(), NOW, false).getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), said);
    }
}
