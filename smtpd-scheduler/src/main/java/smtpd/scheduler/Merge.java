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
/// What this run has written already is newer than what the queue says of it here. What is gone is
/// forgotten a page at a time, however much it is: mail goes on meanwhile.
final class Merge {
    /// Rows looked at together: some dozen milliseconds when all of them are gone.
    static final int PAGE = 1000;

    /// Pages that are looked at while something is told: in a queue that has changed little these
    /// are all.
    private static final int PAGES = 2;

    private final SqliteRunQueue runQueue;
    private final Shelf shelf;

    /// Up to here rows were compared.
    private long position;

    /// Up to here the queue has told what there is.
    private long target;

    /// The keys of what it told last.
    private final Set<Long> told = new HashSet<>();

    private int overdue;
    private int stale;

    Merge(SqliteRunQueue runQueue, Shelf shelf) {
        this.runQueue = runQueue;
        this.shelf = shelf;
    }

    /// A load begins.
    void begin() {
        position = Long.MIN_VALUE;
        target = Long.MIN_VALUE;
        told.clear();
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

    /// The next envelopes of the queue: all of them are taken in. Where the rows of an earlier run
    /// between them are too many for one call, the others are left for [#forgetsMore].
    void found(List<ScheduleEntry> entries, List<EvpId> inHand, long now) {
        Map<Long, ScheduleEntry> news = new HashMap<>();
        told.clear();
        for (ScheduleEntry entry : entries) {
            news.put(Shelf.key(entry.id().value()), entry);
        }
        told.addAll(news.keySet());
        inHand.forEach(id -> told.add(Shelf.key(id.value())));
        for (long key : told) {
            target = Math.max(target, key);
        }
        for (int page = 0; page < PAGES && position < target; page++) {
            for (Shelf.Row row : nextPage()) {
                keepOrForget(row, news, now);
            }
        }
        if (position < target) {
            for (ScheduleEntry entry : entries) {
                Shelf.Row row = isBehind(entry) ? shelf.get(entry.id().value()) : null;
                if (row != null) {
                    keepOrForget(row, news, now);
                }
            }
        }
        add(entries, news, now);
    }

    private boolean isBehind(ScheduleEntry entry) {
        return Shelf.key(entry.id().value()) > position;
    }

    /// The rows up to which nothing was looked at yet.
    private List<Shelf.Row> nextPage() {
        List<Shelf.Row> rows = shelf.page(position, target, PAGE);
        position = rows.size() < PAGE ? target : rows.getLast().key();
        return rows;
    }

    private void keepOrForget(Shelf.Row row, Map<Long, ScheduleEntry> news, long now) {
        ScheduleEntry entry = news.get(row.key());
        if (entry == null) {
            if (!told.contains(row.key())) {
                gone(row);
            }
        } else if (!replaces(row, entry)) {
            news.remove(row.key());
            count(row, now);
        }
    }

    /// Forgets a page of what the queue has no more; false when nothing is left of it.
    boolean forgetsMore() {
        if (position < target) {
            for (Shelf.Row row : nextPage()) {
                if (!told.contains(row.key())) {
                    gone(row);
                }
            }
        }
        return position < target;
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

    /// The queue has told all: whatever lies behind that is gone, and left for [#forgetsMore].
    void end() {
        target = Long.MAX_VALUE;
    }
}
