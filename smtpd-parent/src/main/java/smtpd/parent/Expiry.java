package smtpd.parent;

import smtpd.core.imsg.StatKind;
import smtpd.core.imsg.StatUpdate;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Says in time that a certificate is about to expire: 30 days before, 7 days, one day, and when it
/// has. Each is said once for each certificate.
final class Expiry {
    /// When it is said.
    private static final List<Duration> MARKS =
            List.of(Duration.ofDays(30), Duration.ofDays(7), Duration.ofDays(1), Duration.ZERO);

    private final Map<String, Integer> told = new TreeMap<>();

    /// What is to be said now.
    ///
    /// @param pkis by name
    List<String> alarms(Map<String, PkiFiles.Pair> pkis, Instant now) {
        List<String> alarms = new ArrayList<>();
        new TreeMap<>(pkis)
                .forEach((name, pair) -> {
                    Duration left = left(pair, now);
                    int passed =
                            (int) MARKS.stream().filter(mark -> left.compareTo(mark) <= 0).count();
                    Integer before = told.put(name, passed);
                    if (passed > (before == null ? 0 : before)) {
                        alarms.add("pki " + name + ": " + text(left));
                    }
                });
        return alarms;
    }

    private static String text(Duration left) {
        if (left.compareTo(Duration.ZERO) <= 0) {
            return "the certificate has expired";
        }
        long days = left.toDays();
        return days > 1
                ? "the certificate expires in " + days + " days"
                : "the certificate expires in " + left.toHours() + " hours";
    }

    /// For the statistics, `pki.days-left.NAME`: whole days until the certificate of each expires,
    /// fewer than 0 once it has.
    static List<StatUpdate> levels(Map<String, PkiFiles.Pair> pkis, Instant now) {
        List<StatUpdate> levels = new ArrayList<>();
        new TreeMap<>(pkis)
                .forEach((name, pair) -> {
                    long seconds = left(pair, now).toSeconds();
                    long days = Math.floorDiv(seconds, Duration.ofDays(1).toSeconds());
                    levels.add(new StatUpdate("pki.days-left." + name, StatKind.SET, days, 0));
                });
        return levels;
    }

    private static Duration left(PkiFiles.Pair pair, Instant now) {
        return Duration.between(now, pair.chain().getFirst().getNotAfter().toInstant());
    }
}
