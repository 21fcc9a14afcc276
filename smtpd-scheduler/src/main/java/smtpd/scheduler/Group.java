package smtpd.scheduler;

import org.jspecify.annotations.Nullable;

import java.util.function.Consumer;

/// The envelopes of one message for one destination: what is handed out together.
///
/// A ring of entries; the ready ones come first, so that a batch is taken without looking at the
/// others.
final class Group implements LongTable.Keyed, Comparable<Group> {
    final Destination destination;
    private final int msgid;
    private @Nullable Entry head;
    private int ready;

    /// A message with more recipients than this at one destination is a large one there. As many
    /// every server takes in one transaction (RFC 5321 §4.5.3.1.8).
    static final int SMALL_MAX = 100;

    /// How many of its envelopes are handed out.
    private int inflight;

    /// How many were ever added.
    private int members;

    /// What the groups of one message share; null while it is the message's only one.
    @Nullable Flow message;

    /// Whether it waits in its [Line], or was taken out and parked.
    boolean queued;

    /// Its place in the line.
    long start;

    /// Tells equal places apart.
    long sequence;

    @Nullable Group previousOfMessage;
    @Nullable Group nextOfMessage;

    Group(int msgid, Destination destination) {
        this.msgid = msgid;
        this.destination = destination;
    }

    /// The message id.
    @Override
    public long key() {
        return msgid;
    }

    @Override
    public int compareTo(Group other) {
        int byStart = Long.compare(start, other.start);
        return byStart != 0 ? byStart : Long.compare(sequence, other.sequence);
    }

    /// More or fewer of its envelopes are handed out.
    void count(int change) {
        inflight += change;
        destination.flow.inflight += change;
        if (isLarge()) {
            destination.bulk().inflight += change;
        }
        if (message != null) {
            message.inflight += change;
        }
    }

    /// Whether small messages for the same destination go before it.
    boolean isLarge() {
        return members > SMALL_MAX;
    }

    /// What it has its place in the line by.
    Flow line() {
        return isLarge() ? destination.bulk() : destination.flow;
    }

    /// The message has another group: from now on they share.
    ///
    /// @param other one that is there already
    void joinMessageOf(Group other) {
        Flow shared = other.message;
        if (shared == null) {
            shared = new Flow();
            shared.inflight = other.inflight;
            other.message = shared;
        }
        message = shared;
    }

    boolean isEmpty() {
        return head == null;
    }

    /// How many of its envelopes are ready.
    int ready() {
        return ready;
    }

    /// The next ready envelope.
    @Nullable Entry firstReady() {
        return ready == 0 ? null : head;
    }

    /// Adds an envelope that is not ready.
    void add(Entry entry) {
        linkLast(entry);
        members++;
        if (members == SMALL_MAX + 1) {
            destination.bulk().inflight += inflight;
        }
    }

    void remove(Entry entry) {
        if (entry.is(Entry.READY)) {
            ready--;
            entry.clear(Entry.READY);
        }
        unlink(entry);
    }

    void makeReady(Entry entry) {
        if (!entry.is(Entry.READY)) {
            unlink(entry);
            linkLast(entry);
            head = entry;
            entry.set(Entry.READY);
            ready++;
        }
    }

    void makeUnready(Entry entry) {
        if (entry.is(Entry.READY)) {
            unlink(entry);
            linkLast(entry);
            entry.clear(Entry.READY);
            ready--;
        }
    }

    void forEach(Consumer<Entry> action) {
        Entry first = head;
        for (Entry at = first; at != null; at = at.next == first ? null : at.next) {
            action.accept(at);
        }
    }

    /// Links before the head, which in a ring is the end.
    private void linkLast(Entry entry) {
        Entry first = head;
        if (first == null) {
            entry.next = entry;
            entry.previous = entry;
            head = entry;
            return;
        }
        Entry last = first.previous;
        entry.next = first;
        entry.previous = last;
        first.previous = entry;
        if (last != null) {
            last.next = entry;
        }
    }

    private void unlink(Entry entry) {
        Entry before = entry.previous;
        Entry after = entry.next;
        if (before == null || after == null) {
            throw new IllegalStateException("not in this group");
        }
        before.next = after;
        after.previous = before;
        if (head == entry) {
            head = after == entry ? null : after;
        }
        entry.next = null;
        entry.previous = null;
    }
}
