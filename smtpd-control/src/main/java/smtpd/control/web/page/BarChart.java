package smtpd.control.web.page;

import org.jspecify.annotations.Nullable;

import smtpd.control.stat.Series;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/// Draws a series as bars, in SVG. A column of which nothing is known is grey; one of 0 is empty.
/// The column under way is paler: it is not full yet.
final class BarChart {
    private static final int WIDTH = 300;
    private static final int HEIGHT = 126;
    private static final int LEFT = 38;
    private static final int RIGHT = 6;
    private static final int TOP = 10;
    private static final int BOTTOM = 20;
    private static final int GROUND = HEIGHT - BOTTOM;
    private static final int LABELS = 4;

    private final Html html;
    private final ZoneId zone;

    BarChart(Html html, ZoneId zone) {
        this.html = html;
        this.zone = zone;
    }

    /// What is drawn beside the numbers.
    ///
    /// @param id unlike any other on the page
    /// @param title its name, for who cannot see it
    /// @param kind a class of the style sheet, which gives the colour
    record Look(String id, String title, String kind) {}

    void draw(Look look, Span span, Series series) {
        long top = ceiling(series.most());
        html.open(
                "svg",
                "viewBox",
                "0 0 " + WIDTH + " " + HEIGHT,
                "class",
                "chart " + look.kind(),
                "role",
                "img",
                "aria-labelledby",
                look.id() + "-t " + look.id() + "-d");
        html.element("title", look.title(), "id", look.id() + "-t");
        html.element("desc", description(span, series), "id", look.id() + "-d");
        scale(top);
        bars(series, top);
        times(span, series);
        html.closeLine();
    }

    private static String description(Span span, Series series) {
        return "In %s: %s altogether, at most %s in %s."
                .formatted(
                        span.title(),
                        Numbers.count(series.sum()),
                        Numbers.count(series.most()),
                        span.unit());
    }

    /// The next round number: 1, 2 or 5 and zeros.
    static long ceiling(long most) {
        long unit = 1;
        while (unit * 10 <= most) {
            unit *= 10;
        }
        for (long factor : new long[] {1, 2, 5, 10}) {
            if (unit * factor >= most) {
                return Math.max(1, unit * factor);
            }
        }
        throw new IllegalStateException();
    }

    private void scale(long top) {
        label(LEFT - 5, TOP + 4, "end", Numbers.brief(top));
        if (top % 2 == 0) {
            label(LEFT - 5, (TOP + GROUND) / 2 + 4, "end", Numbers.brief(top / 2));
            line("grid", (TOP + GROUND) / 2);
        }
        label(LEFT - 5, GROUND + 4, "end", "0");
        line("grid", TOP);
        line("ground", GROUND);
    }

    private void line(String kind, int y) {
        html.empty(
                "line",
                "class",
                kind,
                "x1",
                Integer.toString(LEFT),
                "x2",
                Integer.toString(WIDTH - RIGHT),
                "y1",
                y + ".5",
                "y2",
                y + ".5");
    }

    private void bars(Series series, long top) {
        List<@Nullable Long> values = series.values();
        double step = (double) (WIDTH - LEFT - RIGHT) / values.size();
        double width = step > 3 ? step - 1 : step;
        unknown(values, step);
        for (int i = 0; i < values.size(); i++) {
            Long value = values.get(i);
            if (value != null && value > 0) {
                double height = Math.max(1, (double) value / top * (GROUND - TOP));
                String kind = i == values.size() - 1 ? "bar open" : "bar";
                rect(kind, LEFT + i * step, GROUND - height, width, height);
            }
        }
    }

    private void unknown(List<@Nullable Long> values, double step) {
        int from = 0;
        for (int i = 0; i <= values.size(); i++) {
            if (i == values.size() || values.get(i) != null) {
                if (i > from) {
                    rect("unknown", LEFT + from * step, TOP, (i - from) * step, GROUND - TOP);
                }
                from = i + 1;
            }
        }
    }

    private void rect(String kind, double x, double y, double width, double height) {
        html.empty(
                "rect",
                "class",
                kind,
                "x",
                coordinate(x),
                "y",
                coordinate(y),
                "width",
                coordinate(width),
                "height",
                coordinate(height));
    }

    private static String coordinate(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    private void times(Span span, Series series) {
        DateTimeFormatter format =
                DateTimeFormatter.ofPattern(span.format(), Locale.ROOT).withZone(zone);
        int columns = series.values().size();
        for (int i = 0; i <= LABELS; i++) {
            long second = series.start() + series.width() * columns * i / LABELS;
            int x = LEFT + (WIDTH - LEFT - RIGHT) * i / LABELS;
            String anchor = i == 0 ? "start" : i == LABELS ? "end" : "middle";
            label(x, HEIGHT - 5, anchor, format.format(Instant.ofEpochSecond(second)));
        }
    }

    private void label(int x, int y, String anchor, String text) {
        html.element(
                "text",
                text,
                "x",
                Integer.toString(x),
                "y",
                Integer.toString(y),
                "text-anchor",
                anchor);
    }
}
