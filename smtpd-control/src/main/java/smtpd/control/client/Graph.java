package smtpd.control.client;

import smtpd.core.mail.Delay;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Draws how a key went, as bars of eighths of a character. Where nothing is known a dot stands on
/// the ground line; a bar of no height is a true 0.
final class Graph {
    /// Columns that are asked for: with the scale on the left they fit a terminal of 80.
    static final int COLUMNS = 66;

    private static final int ROWS = 8;
    private static final int EIGHTHS = 8;
    private static final int SCALE = 10;
    private static final String BARS = " ▁▂▃▄▅▆▇█";

    private Graph() {}

    /// Draws an answer to [smtpd.core.imsg.CtlToControl.ShowHistory].
    ///
    /// @param key what it is about
    /// @param answer its lines
    /// @param zone the zone of the times below
    static List<String> draw(String key, List<String> answer, ZoneId zone) {
        String[] head = answer.getFirst().split(" ", -1);
        boolean isLevel = head[0].equals("level");
        long start = Long.parseLong(head[1]);
        long width = Long.parseLong(head[2]);
        List<String> values = answer.subList(1, answer.size());
        long most = 0;
        long sum = 0;
        for (String value : values) {
            long number = number(value);
            most = Math.max(most, number);
            sum += number;
        }
        List<String> lines = new ArrayList<>();
        String unit = Delay.text(Duration.ofSeconds(width));
        lines.add(
                isLevel
                        ? "%s: the highest of each %s, at most %d".formatted(key, unit, most)
                        : "%s: in each %s, at most %d, %d altogether"
                                .formatted(key, unit, most, sum));
        for (int row = ROWS; row >= 1; row--) {
            lines.add(scale(row, most) + row(values, most, row));
        }
        lines.add(
                " ".repeat(SCALE)
                        + times(start, start + width * values.size(), values.size(), zone));
        return lines;
    }

    private static long number(String value) {
        return value.equals("-") ? 0 : Long.parseLong(value);
    }

    private static String scale(int row, long most) {
        String label = row == ROWS ? Long.toString(most) : row == 1 ? "0" : "";
        return " ".repeat(Math.max(0, SCALE - 2 - label.length())) + label + " |";
    }

    private static String row(List<String> values, long most, int row) {
        StringBuilder out = new StringBuilder();
        for (String value : values) {
            if (value.equals("-")) {
                out.append(row == 1 ? '.' : ' ');
                continue;
            }
            long height = most == 0 ? 0 : Math.ceilDiv(number(value) * ROWS * EIGHTHS, most);
            long here = Math.clamp(height - (long) (row - 1) * EIGHTHS, 0, EIGHTHS);
            out.append(BARS.charAt((int) here));
        }
        return out.toString().stripTrailing();
    }

    private static String times(long start, long end, int columns, ZoneId zone) {
        boolean days = end - start > Duration.ofDays(2).toSeconds();
        DateTimeFormatter format =
                DateTimeFormatter.ofPattern(days ? "d MMM HH:mm" : "HH:mm:ss", Locale.ROOT)
                        .withZone(zone);
        String left = format.format(Instant.ofEpochSecond(start));
        String right = format.format(Instant.ofEpochSecond(end));
        return left + " ".repeat(Math.max(1, columns - left.length() - right.length())) + right;
    }
}
