package smtpd.control.web.page;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/// How far back the graphs reach, and how finely.
public enum Span {
    /// In minutes.
    HOUR("the last hour", Duration.ofHours(1), Duration.ofMinutes(1), "HH:mm", "minute"),
    /// In quarters of an hour.
    DAY("the last day", Duration.ofDays(1), Duration.ofMinutes(15), "HH:mm", "15 minutes"),
    /// In pieces of two hours.
    WEEK("the last week", Duration.ofDays(7), Duration.ofHours(2), "EEE d", "2 hours"),
    /// In pieces of five days.
    YEAR("the last year", Duration.ofDays(365), Duration.ofDays(5), "d MMM", "5 days");

    private final String title;
    private final Duration length;
    private final Duration column;
    private final String format;
    private final String unit;

    Span(String title, Duration length, Duration column, String format, String unit) {
        this.title = title;
        this.length = length;
        this.column = column;
        this.format = format;
        this.unit = unit;
    }

    /// The one a word of a link means.
    static Optional<Span> of(String word) {
        for (Span span : values()) {
            if (span.word().equals(word)) {
                return Optional.of(span);
            }
        }
        return Optional.empty();
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    String title() {
        return title;
    }

    /// How far back.
    public Duration length() {
        return length;
    }

    /// Into how many columns it is divided.
    public int columns() {
        return (int) length.dividedBy(column);
    }

    /// The end of the column that a moment is in: so columns stay where they are as time goes on.
    public Instant end(Instant now) {
        long width = column.toSeconds();
        long step = Math.floorDiv(now.getEpochSecond(), width);
        return Instant.ofEpochSecond((step + 1) * width - 1);
    }

    /// How a time is written below a graph.
    String format() {
        return format;
    }

    /// What one column is.
    String unit() {
        return unit;
    }

    /// How old a graph may be before it is drawn anew: a fraction of a column.
    public Duration patience() {
        Duration part = column.dividedBy(30);
        return part.compareTo(Duration.ofMinutes(1)) > 0 ? Duration.ofMinutes(1) : part;
    }
}
