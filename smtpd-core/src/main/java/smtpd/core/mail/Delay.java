package smtpd.core.mail;

import java.time.Duration;

/// How long something took, as log lines and listings print it: `1d2h3m4s`, largest unit first,
/// units that are 0 left out, `0s` for less than a second.
public final class Delay {
    private Delay() {}

    /// The text; a negative duration counts as none.
    public static String text(Duration delay) {
        if (delay.toSeconds() <= 0) {
            return "0s";
        }
        StringBuilder out = new StringBuilder();
        append(out, delay.toDays(), 'd');
        append(out, delay.toHoursPart(), 'h');
        append(out, delay.toMinutesPart(), 'm');
        append(out, delay.toSecondsPart(), 's');
        return out.toString();
    }

    private static void append(StringBuilder out, long count, char unit) {
        if (count > 0) {
            out.append(count).append(unit);
        }
    }
}
