package smtpd.control.stat;

import smtpd.core.stat.Statistics;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// Statistics as a Prometheus server reads them, in its text format or in OpenMetrics.
///
/// A key becomes `smtpd_` and its words joined by `_`. A key with a name of the world becomes a
/// label: `delivery.ok.domain:example.org` is `smtpd_delivery_ok_by_domain_total{domain=…}`.
public final class MetricsText {
    /// Media type of the text format.
    public static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

    /// Media type of OpenMetrics.
    public static final String OPEN_METRICS =
            "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private static final double MICROS = 1e6;

    private final boolean openMetrics;
    private final Map<String, Family> families = new TreeMap<>();

    /// Samples under one name.
    private record Family(String type, String help, Map<String, String> samples) {}

    private MetricsText(boolean openMetrics) {
        this.openMetrics = openMetrics;
    }

    /// Writes a reading.
    ///
    /// @param openMetrics in which of both formats
    public static String of(Reading reading, Instant now, boolean openMetrics) {
        MetricsText text = new MetricsText(openMetrics);
        reading.metrics().forEach(text::add);
        double age = Duration.between(reading.at(), now).toMillis() / 1000.0;
        text.gauge("smtpd_statistics_age_seconds", "Age of these values.", "", number(age));
        return text.text();
    }

    private void add(String key, Metric metric) {
        int mark = key.indexOf(Statistics.NAME_MARK);
        String family = mark < 0 ? key : key.substring(0, mark);
        int last = family.lastIndexOf('.');
        String name = "smtpd_" + plain(family);
        String label = "";
        String help = "Statistics key " + family + ".";
        if (mark >= 0 && last > 0) {
            String word = plain(family.substring(last + 1));
            name = "smtpd_" + plain(family.substring(0, last)) + "_by_" + word;
            label = word + "=\"" + escaped(key.substring(mark + 1)) + "\"";
        }
        switch (metric) {
            case Metric.Counter(long value) -> counter(name, help, label, Long.toString(value));
            case Metric.Level level -> gauge(name, help, label, Long.toString(level.shown()));
            case Metric.Stamp(long second) ->
                    gauge(name + "_timestamp_seconds", help, label, Long.toString(second));
            case Metric.Ratio(long part, long whole) -> {
                counter(name + "_part", help, label, Long.toString(part));
                counter(name + "_whole", help, label, Long.toString(whole));
            }
            case Metric.Durations(Distribution it) -> summary(name + "_seconds", help, it);
        }
    }

    private void counter(String name, String help, String label, String value) {
        // only in OpenMetrics is the suffix no part of the family's name
        String family = openMetrics ? name : name + "_total";
        family(family, "counter", help).put(name + "_total" + braces(label), value);
    }

    private void gauge(String name, String help, String label, String value) {
        family(name, "gauge", help).put(name + braces(label), value);
    }

    private void summary(String name, String help, Distribution it) {
        Map<String, String> samples = family(name, "summary", help);
        for (double share : new double[] {0.5, 0.9, 0.99}) {
            samples.put(
                    name + "{quantile=\"" + share + "\"}", number(it.percentile(share) / MICROS));
        }
        samples.put(name + "_sum", number(it.sum() / MICROS));
        samples.put(name + "_count", Long.toString(it.count()));
    }

    /// Names that differ in the key and not here count as one family; the first says what it is.
    private Map<String, String> family(String name, String type, String help) {
        Family family =
                families.computeIfAbsent(name, _ -> new Family(type, help, new LinkedHashMap<>()));
        return family.type.equals(type) ? family.samples : new LinkedHashMap<>();
    }

    private String text() {
        StringBuilder out = new StringBuilder();
        families.forEach((name, family) -> {
            out.append(
                    "# HELP %s %s%n# TYPE %s %s%n".formatted(name, family.help, name, family.type));
            family.samples.forEach(
                    (sample, value) -> out.append(sample).append(' ').append(value).append('\n'));
        });
        return out.append(openMetrics ? "# EOF\n" : "").toString();
    }

    private static String braces(String label) {
        return label.isEmpty() ? "" : "{" + label + "}";
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.6f", value);
    }

    private static String plain(String text) {
        return text.replaceAll("[^A-Za-z0-9_]", "_");
    }

    /// Label values may hold anything, three characters behind a backslash.
    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
