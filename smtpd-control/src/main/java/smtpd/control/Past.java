package smtpd.control;

import smtpd.control.stat.Metric;
import smtpd.control.stat.Series;
import smtpd.core.imsg.CtlToControl;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;

/// What `smtpctl` is told of the history of the statistics.
final class Past {
    /// Columns at most: more than any terminal has.
    private static final int COLUMNS_MAX = 1000;

    private Past() {}

    /// What was gained of late, and how the levels stand, as `show stats` prints it.
    static List<String> since(Desk desk, CtlToControl.ShowStatsSince it) throws IOException {
        Instant now = desk.now();
        NavigableMap<String, Long> shown = desk.history().gains(now, length(desk, it.seconds()));
        desk.ask(agent -> agent.reading(now))
                .metrics()
                .forEach((key, metric) -> {
                    if (metric instanceof Metric.Level level) {
                        shown.put(key, level.shown());
                    }
                });
        List<String> lines = new ArrayList<>();
        shown.forEach((key, value) -> lines.add(key + "=" + value));
        lines.addAll(desk.ask(agent -> agent.uptimeLines(now)));
        return lines;
    }

    /// How a key went.
    static List<String> of(Desk desk, CtlToControl.ShowHistory it) throws IOException {
        int columns = Math.clamp(it.columns(), 1, COLUMNS_MAX);
        Series series =
                desk.history().series(it.key(), desk.now(), length(desk, it.seconds()), columns);
        List<String> lines = new ArrayList<>();
        lines.add((series.isLevel() ? "level " : "total ") + series.start() + " " + series.width());
        series.values().forEach(value -> lines.add(value == null ? "-" : value.toString()));
        return lines;
    }

    private static Duration length(Desk desk, long seconds) throws IOException {
        Duration reach = desk.history().reach();
        if (seconds < 1 || seconds > reach.toSeconds()) {
            throw new IOException("the history reaches back " + reach.toDays() + " days at most");
        }
        return Duration.ofSeconds(seconds);
    }
}
