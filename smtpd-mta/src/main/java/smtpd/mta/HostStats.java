package smtpd.mta;

import smtpd.core.mail.EvpId;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The last status of each recipient domain, for `smtpctl show hoststats`, and the envelopes that
/// wait for it to take mail again (`mta max-deferred`).
final class HostStats {
    /// A status is shown for so long. OpenSMTPD: 4 hours.
    static final Duration KEPT = Duration.ofHours(4);

    /// Domains remembered; the one longest without news is forgotten first.
    static final int DOMAINS_MAX = 10_000;

    private final Map<String, Status> byDomain = new LinkedHashMap<>();

    private final Map<String, Set<EvpId>> deferred = new LinkedHashMap<>();
    private final int maxDeferred;

    private record Status(Instant when, String text) {}

    /// @param maxDeferred envelopes remembered of each domain
    HostStats(int maxDeferred) {
        this.maxDeferred = maxDeferred;
    }

    /// An envelope was deferred because no route to its domain was left.
    void defer(String domain, EvpId id) {
        Set<EvpId> ids = deferred.computeIfAbsent(domain, _ -> new LinkedHashSet<>());
        if (ids.size() < maxDeferred) {
            ids.add(id);
        }
        if (deferred.size() > DOMAINS_MAX) {
            deferred.remove(deferred.keySet().iterator().next());
        }
    }

    /// A recipient of a domain was taken.
    ///
    /// @return what was deferred, and may be tried now
    Set<EvpId> recovered(String domain) {
        Set<EvpId> ids = deferred.remove(domain);
        return ids == null ? Set.of() : ids;
    }

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
