package smtpd.core.smtp;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;

/// The date and time of a header (RFC 5322 §3.3): `Thu, 1 Jan 2026 13:05:09 +0100`. Written without
/// any locale: its names are English and its cost is small.
public final class Rfc5322Date {
    private static final List<String> DAYS =
            List.of("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun");
    private static final List<String> MONTHS =
            List.of(
                    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
                    "Dec");

    private Rfc5322Date() {}

    /// `time` as seen in `zone`; with the comment `(UTC)` where the offset is 0, as OpenSMTPD has
    /// it.
    public static String format(Instant time, ZoneId zone) {
        ZonedDateTime local = time.atZone(zone);
        StringBuilder out = new StringBuilder(40);
        out.append(DAYS.get(local.getDayOfWeek().getValue() - 1)).append(", ");
        out.append(local.getDayOfMonth()).append(' ');
        out.append(MONTHS.get(local.getMonthValue() - 1)).append(' ').append(local.getYear());
        two(out.append(' '), local.getHour());
        two(out.append(':'), local.getMinute());
        two(out.append(':'), local.getSecond());
        int minutes = local.getOffset().getTotalSeconds() / 60;
        two(out.append(minutes < 0 ? " -" : " +"), Math.abs(minutes) / 60);
        two(out, Math.abs(minutes) % 60);
        return out.append(minutes == 0 ? " (UTC)" : "").toString();
    }

    private static void two(StringBuilder out, int number) {
        out.append((char) ('0' + number / 10)).append((char) ('0' + number % 10));
    }
}
