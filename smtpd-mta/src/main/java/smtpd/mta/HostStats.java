package smtpd.mta;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The last status of each recipient domain, for `smtpctl show hoststats`.
final class HostStats {
    /// A status is shown for so long. OpenSMTPD: 4 hours.
    static final Duration KEPT = Duration.ofHours(4);

    /// Domains remembered; the one longest without news is forgotten first.
    static final int DOMAINS_MAX = 10_000;

    private final Map<String, Status> byDomain = new LinkedHashMap<>();

    private record Status(Instant when, String text) {}

    void note(String domain, String text, Instant now) {
        byDomain.remove(domain);
        byDomain.put(domain, new Status(now, text));
        if (byDomain.size() > DOMAINS_MAX) {
            byDomain.remove(byDomain.keySet().iterator().next());
        }
    }

    /// `domain|unixtime|status`, newest last.
    List<String> lines(Instant now) {
        List<String> lines = new ArrayList<>();
        byDomain.forEach((domain, status) -> {
            if (now.isBefore(status.when().plus(KEPT))) {
                lines.add(domain + "|" + status.when().getEpochSecond() + "|" + status.text());
            }
        });
        return lines;
    }
}
