package smtpd.control.web.page;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// Says how old something is: `as of 11:02:03`; when it is stale `as of 11:02:03, 14 s old: queue
/// does not answer`. The script of the page says the same as time goes on.
final class Stamp {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

    private Stamp() {}

    static boolean isStale(Heard<?> heard, Instant now) {
        return switch (heard) {
            case Heard.Said<?>(_, Instant at, Duration limit, String trouble) ->
                    !trouble.isEmpty() || Duration.between(at, now).compareTo(limit) > 0;
            case Heard.Nothing<?> _ -> true;
        };
    }

    static String text(Heard<?> heard, Instant now, ZoneId zone) {
        return switch (heard) {
            case Heard.Said<?>(_, Instant at, _, String trouble) -> {
                String time = "as of " + TIME.format(at.atZone(zone));
                if (!isStale(heard, now)) {
                    yield time;
                }
                String old = time + ", " + Duration.between(at, now).toSeconds() + " s old";
                yield trouble.isEmpty() ? old : old + ": " + trouble;
            }
            case Heard.Nothing<?>(String trouble) -> "nothing was read yet: " + trouble;
        };
    }

    static void write(Sheet sheet, Section.Source source) {
        Heard<?> heard = source.heard();
        Instant now = sheet.glance().now();
        Html html = sheet.html();
        String kind = isStale(heard, now) ? "stamp stale" : "stamp";
        switch (heard) {
            case Heard.Said<?>(_, Instant at, Duration limit, String trouble) ->
                    html.open(
                            "p",
                            "class",
                            kind,
                            "data-at",
                            Long.toString(at.toEpochMilli()),
                            "data-limit",
                            Long.toString(limit.toMillis()),
                            "data-trouble",
                            trouble);
            case Heard.Nothing<?> _ -> html.open("p", "class", kind);
        }
        html.element("span", source.who()).text(" ");
        html.element("span", text(heard, now, sheet.zone()), "class", "when").closeLine();
    }
}
