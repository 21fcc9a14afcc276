package smtpd.scheduler;

import smtpd.core.imsg.ScheduleEntry;
import smtpd.core.mail.EvpId;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Compares what an earlier run knew with what the queue has, both in the order of ids: what is
/// unknown is added, what the queue has no more is forgotten, what differs is replaced, and what is
/// equal costs no write.
///
/// What this run has written already is newer than what the queue says of it here.
final class Merge {
    /// Rows looked at together.
    private static final int PAGE = 1000;

    private final SqliteRunQueue runQueue;
    private final Shelf shelf;
    private long position;
    private int overdue;
    private int stale;

    Merge(SqliteRunQueue runQueue, Shelf shelf) {
        this.runQueue = runQueue;
        this.shelf = shelf;
    }

    /// A load begins.
    void begin() {
        position = Long.MIN_VALUE;
        overdue = 0;
        stale = 0;
    }

    /// Envelopes that are as they were, and whose time had come during the outage.
    int overdue() {
        return overdue;
    }

    /// Envelopes that are as they were, and past their ttl.
    int stale() {
        return stale;
    }

    /// The next envelopes of the queue.
    void found(List<ScheduleEntry> entries, List<EvpId> inHand, long now) {
        Map<Long, ScheduleEntry> news = new HashMap<>();
        Set<Long> kept = new HashSet<>();
        long upTo = position;
        for (ScheduleEntry entry : entries) {
            long key = Shelf.key(entry.id().value());
            news.put(key, entry);
            upTo = Math.max(upTo, key);
        }
        for (EvpId id : inHand) {
            kept.add(Shelf.key(id.value()));
            upTo = Math.max(upTo, Shelf.key(id.value()));
        }
        compare(upTo, news, kept, now);
        add(entries, news, now);
    }

    private void compare(long upTo, Map<Long, ScheduleEntry> news, Set<Long> kept, long now) {
        List<Shelf.Row> rows;
        do {
            rows = shelf.page(position, upTo, PAGE);
            for (Shelf.Row row : rows) {
                ScheduleEntry entry = news.get(row.key());
                if (entry == null) {
                    if (!kept.contains(row.key())) {
                        gone(row);
                    }
                } else if (!replaces(row, entry)) {
                    news.remove(row.key());
                    count(row, now);
                }
            }
            position = rows.isEmpty() ? upTo : rows.getLast().key();
        } while (rows.size() == PAGE);
        position = upTo;
    }

    private void count(Shelf.Row row, long now) {
        if (row.run() != shelf.run()) {
            overdue += row.wake() <= now ? 1 : 0;
            stale += row.times().expiry() <= now ? 1 : 0;
        }
    }

    private void gone(Shelf.Row row) {
        if (!row.out() && row.run() != shelf.run()) {
            runQueue.forget(row);
        }
    }

    /// Takes what is left, a message at a time, in the order in which it came.
    private void add(List<ScheduleEntry> entries, Map<Long, ScheduleEntry> news, long now) {
        List<ScheduleEntry> message = new ArrayList<>();
        for (ScheduleEntry entry : entries) {
            if (!news.containsKey(Shelf.key(entry.id().value()))) {
                continue;
            }
            if (!message.isEmpty() && !message.getFirst().id().msgid().equals(entry.id().msgid())) {
                runQueue.take(message, now);
                message = new ArrayList<>();
            }
            message.add(entry);
        }
        runQueue.take(message, now);
    }

    /// Removes the row of an envelope that is another now, to be added anew.
    ///
    /// @return false if it stays as it is
    boolean replaces(Shelf.Row row, ScheduleEntry entry) {
        if (row.out() || row.run() == shelf.run() || isAsItWas(row, entry)) {
            return false;
        }
        runQueue.forget(row);
        return true;
    }

    private boolean isAsItWas(Shelf.Row row, ScheduleEntry entry) {
        Shelf.Lane lane = shelf.lane(row.destination());
        return row.times().tried() == Math.max(0, entry.lastTry().toEpochMilli())
                && row.times().ttl() == Math.min(entry.ttl().toSeconds(), Integer.MAX_VALUE)
                && row.is(Entry.SUSPENDED) == entry.suspended()
                && lane.type() == entry.type()
                && lane.name().equals(entry.destination());
    }

    /// The queue has told all.
    void end() {
        compare(Long.MAX_VALUE, Map.of(), Set.of(), 0);
    }
}
