package smtpd.e2e.sim;

import smtpd.core.mail.DeliveryType;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// When what failed: the only things that excuse a second delivery.
final class Troubles {
    /// A result is recorded this long after it was reported, or not at all: after this time and as
    /// many operations of the disk as may be before it.
    private static final long RECORDED = 10_000_000_000L;

    private static final int DISK_OPERATIONS = 50;

    /// That a peer died is noticed within this.
    private static final long NOTICED = 5_000_000_000L;

    /// A store that refused is asked again within this.
    private static final long ASKED_AGAIN = 30_000_000_000L;

    private final long recorded;
    private final Map<String, List<Long>> deaths = new LinkedHashMap<>();
    private final List<long[]> disk = new ArrayList<>();

    /// @param plan says how slow the disk is
    Troubles(Plan plan) {
        recorded = RECORDED + plan.diskDelay().multipliedBy(DISK_OPERATIONS).toNanos();
    }

    /// A process died.
    void died(String process, long now) {
        deaths.computeIfAbsent(process, _ -> new ArrayList<>()).add(now);
    }

    /// The disk begins to refuse.
    void diskFails(long now) {
        disk.add(new long[] {now, Long.MAX_VALUE});
    }

    /// The disk works again.
    void diskWorks(long now) {
        disk.stream()
                .filter(span -> span[1] == Long.MAX_VALUE)
                .forEach(span -> span[1] = now + ASKED_AGAIN);
    }

    /// Whether the disk refused at any time in a span.
    boolean disk(long from, long to) {
        return disk.stream().anyMatch(span -> span[0] <= to && span[1] >= from);
    }

    /// Whether the success of an attempt may have been lost before it was recorded.
    boolean excuses(Rcpt.Attempt attempt) {
        long from = attempt.started - NOTICED;
        long known = Math.max(attempt.delivered, attempt.reported);
        long end = known < 0 ? Long.MAX_VALUE : known + recorded;
        return attempt.uncertain
                || disk(from, end)
                || died("queue", from, end)
                || died(attempt.type == DeliveryType.MDA ? "mda" : "mta", from, end);
    }

    private boolean died(String process, long from, long to) {
        return deaths.getOrDefault(process, List.of()).stream()
                .anyMatch(at -> at >= from && at <= to);
    }
}
