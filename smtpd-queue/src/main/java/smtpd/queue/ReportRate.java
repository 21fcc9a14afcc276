package smtpd.queue;

import smtpd.core.conf.QueueOptions;
import smtpd.core.mail.Envelope;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// How many reports one address may get in an hour about mail from nobody we know: whoever sends
/// under a forged address makes us write to its owner, and what could not be refused in the session
/// must not become a flood.
///
/// What is over the limit waits for a later hour. A sender who authenticated, or is on this
/// machine, is never made to wait.
final class ReportRate {
    static final Duration HOUR = Duration.ofHours(1);

    /// Addresses remembered; the one remembered longest is forgotten, and starts anew.
    private static final int ADDRESSES_MAX = 10_000;

    private final int limit;
    private final Map<String, Count> counts = new LinkedHashMap<>();

    private static final class Count {
        private final Instant since;
        private int reports;

        private Count(Instant since) {
            this.since = since;
        }
    }

    /// @param limit reports in an hour; 0 for no limit, [QueueOptions#NO_REPORTS] for none at all
    ReportRate(int limit) {
        this.limit = limit;
    }

    /// Whether nobody is to be told, now or later (`bounce suppress`).
    boolean suppresses(Envelope about) {
        return limit == QueueOptions.NO_REPORTS && !isKnown(about);
    }

    private static boolean isKnown(Envelope about) {
        return about.origin().flags().authenticated() || about.origin().address().equals("local");
    }

    /// Counts a report about an envelope; false if it has to wait.
    boolean admit(Envelope about, Instant now) {
        if (limit == 0 || isKnown(about)) {
            return true;
        }
        String address = about.sender().user() + "@" + about.sender().domainKey();
        Count count = counts.get(address);
        if (count == null || isOver(count, now)) {
            counts.remove(address);
            count = new Count(now);
            counts.put(address, count);
            if (counts.size() > ADDRESSES_MAX) {
                counts.remove(counts.keySet().iterator().next());
            }
        }
        return ++count.reports <= limit;
    }

    /// The hour has passed; or the clock went back, and nobody waits for it.
    private static boolean isOver(Count count, Instant now) {
        return now.isBefore(count.since) || !now.isBefore(count.since.plus(HOUR));
    }
}
