package smtpd.core.smtp;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.TextStyle;
import java.util.Locale;

/// The date and time of a header (RFC 5322 §3.3): `Thu, 1 Jan 2026 13:05:09 +0100 (CET)`.
public final class Rfc5322Date {
    private static final DateTimeFormatter FORMAT =
            DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss xx", Locale.ROOT);

    private Rfc5322Date() {}

    /// `time` as seen in `zone`, with the zone's short name as a comment where it has one of
    /// letters.
    public static String format(Instant time, ZoneId zone) {
        ZonedDateTime local = time.atZone(zone);
        String name = zoneName(local);
        return FORMAT.format(local) + (name.isEmpty() ? "" : " (" + name + ")");
    }

    private static String zoneName(ZonedDateTime local) {
        if (local.getOffset().getTotalSeconds() == 0
                && local.getZone().getRules().isFixedOffset()) {
            return "UTC";
        }
        String name = DateTimeFormatter.ofPattern("zzz", Locale.ROOT).format(local).strip();
        boolean letters = !name.isEmpty() && name.chars().allMatch(c -> c >= 'A' && c <= 'Z');
        return letters && !name.equals(local.getZone().getDisplayName(TextStyle.FULL, Locale.ROOT))
                ? name
                : "";
    }
}
