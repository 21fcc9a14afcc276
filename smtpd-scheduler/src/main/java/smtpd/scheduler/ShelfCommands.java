package smtpd.scheduler;

import smtpd.core.imsg.Selection;

import java.util.List;

/// Commands of the operator over what waits on a [Shelf], a part of its keys at a time.
final class ShelfCommands {
    /// Rows of one part: a few dozen milliseconds.
    static final int PART = 2000;

    private static final String RANGE = " WHERE id>? AND id<=? AND wake IS NOT NULL";

    private static final String EXPIRY = "created+ttl*1000";

    private static final String SPARED = "flags&" + Entry.SPARED;

    private final ShelfFile file;
    private final Shelf shelf;

    ShelfCommands(ShelfFile file, Shelf shelf) {
        this.file = file;
        this.shelf = shelf;
    }

    /// Keys of a selection.
    ///
    /// @param after behind which
    /// @param upTo the last one
    record Range(long after, long upTo) {
        static Range of(Selection which) {
            long first = Shelf.key(which.id());
            if (which.id() == 0) {
                return new Range(Long.MIN_VALUE, Long.MAX_VALUE);
            }
            return (int) which.id() == 0
                    ? new Range(first, first | 0xffffffffL)
                    : new Range(first - 1, first);
        }
    }

    /// Whether a row waits.
    boolean waits(long key) {
        return !file.ask(
                        "SELECT id FROM envelope WHERE id=? AND wake IS NOT NULL",
                        row -> row.getLong(1),
                        key)
                .isEmpty();
    }

    /// Where a part of a range ends: after so many rows, or with the range.
    long end(Range range) {
        List<Long> end =
                file.ask(
                        "SELECT id FROM envelope WHERE id>? AND id<=? ORDER BY id LIMIT 1 OFFSET "
                                + (PART - 1),
                        row -> row.getLong(1),
                        range.after,
                        range.upTo);
        return end.isEmpty() ? range.upTo : end.getFirst();
    }

    /// Makes rows due.
    ///
    /// @param destination only of this one; 0 for all
    int schedule(Range range, long destination, long now) {
        String which = " AND lane<>" + Shelf.ENDS + (destination == 0 ? "" : " AND dest=?");
        String set =
                "UPDATE envelope SET due=?, run=?, wake=CASE WHEN "
                        + SPARED
                        + " THEN ? ELSE MIN(?, "
                        + EXPIRY
                        + ") END"
                        + RANGE
                        + which;
        int count =
                destination == 0
                        ? file.tell(set, now, shelf.run(), now, now, range.after, range.upTo)
                        : file.tell(
                                set,
                                now,
                                shelf.run(),
                                now,
                                now,
                                range.after,
                                range.upTo,
                                destination);
        return rearranged(range, count);
    }

    private int rearranged(Range range, int count) {
        if (count > 0) {
            shelf.rearranged(range.after, range.upTo);
        }
        return count;
    }

    /// Has rows removed.
    int remove(Range range) {
        int count =
                file.tell(
                        "UPDATE envelope SET lane="
                                + Shelf.ENDS
                                + ", wake=0, run=?, flags=flags|"
                                + Entry.REMOVED
                                + RANGE
                                + " AND flags&"
                                + Entry.REMOVED
                                + "=0",
                        shelf.run(),
                        range.after,
                        range.upTo);
        return rearranged(range, count);
    }

    /// Holds or releases rows.
    long[] suspend(Range range, boolean on) {
        String which =
                " AND flags&"
                        + (Entry.SUSPENDED | Entry.REMOVED)
                        + "="
                        + (on ? 0 : Entry.SUSPENDED);
        long[] changed = ids(which, range);
        if (changed.length > 0) {
            String set =
                    on
                            ? "lane=" + Shelf.ENDS + ", wake=" + EXPIRY + ", flags=flags|"
                            : "lane=dest, wake=CASE WHEN "
                                    + SPARED
                                    + " THEN due ELSE MIN(due, "
                                    + EXPIRY
                                    + ") END, flags=flags-";
            file.tell(
                    "UPDATE envelope SET run=?, " + set + Entry.SUSPENDED + RANGE + which,
                    shelf.run(),
                    range.after,
                    range.upTo);
            shelf.rearranged(range.after, range.upTo);
        }
        return changed;
    }

    /// Gives rows more time.
    ///
    /// @param destination only of this one; 0 for all
    long[] extend(Range range, long destination, long seconds) {
        String which =
                " AND (lane<>"
                        + Shelf.ENDS
                        + " OR flags&"
                        + Entry.SUSPENDED
                        + ") AND flags&"
                        + Entry.REMOVED
                        + "=0"
                        + (destination == 0 ? "" : " AND dest=" + destination);
        long[] changed = ids(which, range);
        if (changed.length > 0) {
            String ttl = "MIN(ttl+" + seconds + ", " + Integer.MAX_VALUE + ")";
            String expiry = "created+" + ttl + "*1000";
            file.tell(
                    "UPDATE envelope SET run=?, ttl="
                            + ttl
                            + ", wake=CASE WHEN lane="
                            + Shelf.ENDS
                            + " THEN "
                            + expiry
                            + " WHEN "
                            + SPARED
                            + " THEN due ELSE MIN(due, "
                            + expiry
                            + ") END"
                            + RANGE
                            + which,
                    shelf.run(),
                    range.after,
                    range.upTo);
            shelf.rearranged(range.after, range.upTo);
        }
        return changed;
    }

    private long[] ids(String which, Range range) {
        List<Long> keys =
                file.ask(
                        "SELECT id FROM envelope" + RANGE + which + " ORDER BY id",
                        row -> row.getLong(1),
                        range.after,
                        range.upTo);
        return keys.stream().mapToLong(key -> key ^ Long.MIN_VALUE).toArray();
    }

    /// Moves what has expired while its lane had more to do than there was room for to where it is
    /// expired.
    void expire(Range range, long now) {
        int count =
                file.tell(
                        "UPDATE envelope SET lane="
                                + Shelf.ENDS
                                + ", wake="
                                + EXPIRY
                                + RANGE
                                + " AND lane<>"
                                + Shelf.ENDS
                                + " AND "
                                + EXPIRY
                                + "<=? AND run=? AND flags&"
                                + (Entry.SPARED | Entry.GRACE)
                                + "=0",
                        range.after,
                        range.upTo,
                        now,
                        shelf.run());
        if (count > 0) {
            shelf.endsWakeByFirst();
        }
    }
}
