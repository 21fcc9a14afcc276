package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// Where everything that exists is on disk, rebuilt by recovery and kept by commits.
///
/// Invariants:
/// - a segment's `live` is the sum of the lengths of what points into it;
/// - outside recovery every message has at least one envelope.
///
/// Limits: some 180 bytes for a message with one envelope, some 75 for each further one.
///
/// All methods are called with this object's monitor held.
final class Index {
    /// What a commit weighs in its segment.
    private static final int COMMIT_WEIGHT = 20;

    /// Memory of a message without its chunks: the entry, its array and its place in a table.
    private static final int MESSAGE_BYTES = 96;

    /// Memory of an envelope, with its share of a table.
    private static final int ENVELOPE_BYTES = 64;

    /// Memory of a label beside its bytes.
    private static final int LABEL_BYTES = 48;

    private final IntMap<MessageEntry> messages = new IntMap<>();
    private final NavigableMap<Integer, Segment> segments = new TreeMap<>();
    private Bytes roster = Bytes.EMPTY;
    private @Nullable Segment rosterSegment;
    private long envelopes;
    private long damaged;
    private boolean recovering;

    /// Chunks and labels in memory.
    private long parts;

    IntMap<MessageEntry> messages() {
        return messages;
    }

    NavigableMap<Integer, Segment> segments() {
        return segments;
    }

    long envelopeCount() {
        return envelopes;
    }

    /// What it takes in memory, about, in bytes.
    long bytes() {
        return messages.size() * (long) MESSAGE_BYTES + envelopes * ENVELOPE_BYTES + parts;
    }

    long damagedCount() {
        return damaged;
    }

    @Nullable MessageEntry message(int id) {
        return messages.get(id);
    }

    @Nullable EnvelopeEntry envelope(long evpid) {
        MessageEntry message = messages.get((int) (evpid >>> 32));
        return message == null ? null : message.envelope((int) evpid);
    }

    /// While recovering, a message may be without envelopes: they may stand in a later record.
    void recovering(boolean now) {
        recovering = now;
    }

    private MessageEntry orNew(int id) {
        MessageEntry message = messages.get(id);
        if (message == null) {
            message = new MessageEntry(id);
            messages.put(id, message);
        }
        return message;
    }

    private void weigh(int segment, long bytes) {
        Segment at = segments.get(segment);
        if (at != null) {
            at.live += bytes;
        }
    }

    /// A message's content becomes permanent. Chunks that are not known yet have segment 0.
    void commit(int id, long size, int crc, int[] chunks, Segment segment) {
        MessageEntry message = orNew(id);
        if (message.commitSegment != null) {
            forgetContent(message);
        }
        message.size = size;
        message.crc = crc;
        message.commitSegment = segment;
        message.chunks = chunks;
        parts += chunks.length * (long) Integer.BYTES;
        segment.live += COMMIT_WEIGHT;
        for (int i = 0; i < chunks.length; i += MessageEntry.CHUNK_INTS) {
            weigh(chunks[i], chunks[i + 2]);
        }
    }

    /// The commit of a message stands in another segment now.
    void moveCommit(MessageEntry message, Segment segment) {
        if (message.commitSegment != null) {
            message.commitSegment.live -= COMMIT_WEIGHT;
        }
        message.commitSegment = segment;
        segment.live += COMMIT_WEIGHT;
    }

    /// The label of a message stands in that segment now. While recovering it may come before its
    /// message.
    void label(int id, Bytes label, Segment segment) {
        MessageEntry message = recovering ? orNew(id) : messages.get(id);
        if (message == null) {
            return;
        }
        forgetLabel(message);
        message.label = label;
        if (label.length() > 0) {
            message.labelSegment = segment;
            segment.live += label.length();
            parts += LABEL_BYTES + label.length();
        }
    }

    /// The roster, which stands in that segment now.
    void roster(Bytes now, Segment segment) {
        if (rosterSegment != null) {
            rosterSegment.live -= roster.length();
        }
        roster = now;
        rosterSegment = segment;
        segment.live += now.length();
    }

    Bytes roster() {
        return roster;
    }

    /// Where the roster stands; null while there is none.
    @Nullable Segment rosterSegment() {
        return rosterSegment;
    }

    private void forgetLabel(MessageEntry message) {
        if (message.labelSegment != null) {
            message.labelSegment.live -= message.label.length();
            parts -= LABEL_BYTES + message.label.length();
            message.labelSegment = null;
        }
    }

    /// A chunk of a message stands somewhere else now.
    void moveChunk(MessageEntry message, int index, Segment segment, int offset, int length) {
        int at = index * MessageEntry.CHUNK_INTS;
        weigh(message.chunks[at], -message.chunks[at + 2]);
        message.chunks[at] = segment.id;
        message.chunks[at + 1] = offset;
        message.chunks[at + 2] = length;
        segment.live += length;
    }

    /// An envelope begins, or stands somewhere else now with its latest state in it.
    void add(long evpid, Segment segment, int offset, int length) {
        MessageEntry message = orNew((int) (evpid >>> 32));
        int low = (int) evpid;
        EnvelopeEntry entry = message.envelope(low);
        if (entry == null) {
            message.put(new EnvelopeEntry(low, segment.id, segment, offset, length));
            envelopes++;
        } else {
            forgetState(entry);
            entry.segment.live -= entry.length;
            entry.segment = segment;
            entry.offset = offset;
            entry.length = length;
        }
        segment.live += length;
    }

    /// An envelope's state changed, or stands somewhere else now.
    void update(long evpid, Segment segment, int offset, int length, int crc) {
        EnvelopeEntry entry = envelope(evpid);
        if (entry == null) {
            return;
        }
        forgetState(entry);
        entry.stateSegment = segment;
        entry.stateOffset = offset;
        entry.stateLength = length;
        entry.stateCrc = crc;
        segment.live += length;
    }

    /// An envelope ends, and with the last one its message.
    void remove(long evpid) {
        MessageEntry message = messages.get((int) (evpid >>> 32));
        EnvelopeEntry entry = message == null ? null : message.remove((int) evpid);
        if (message == null || entry == null) {
            return;
        }
        envelopes--;
        forgetState(entry);
        entry.segment.live -= entry.length;
        if (message.envelopeCount() == 0 && !recovering) {
            drop(message);
        }
    }

    /// Ends a message without envelopes.
    void drop(MessageEntry message) {
        forgetContent(message);
        if (message.damaged) {
            damaged--;
        }
        messages.remove(message.id);
    }

    /// Holds a message because of its content.
    void markDamaged(MessageEntry message) {
        if (!message.damaged) {
            message.damaged = true;
            damaged++;
        }
    }

    private static void forgetState(EnvelopeEntry entry) {
        if (entry.stateSegment != null) {
            entry.stateSegment.live -= entry.stateLength;
            entry.stateSegment = null;
        }
    }

    private void forgetContent(MessageEntry message) {
        if (message.commitSegment != null) {
            message.commitSegment.live -= COMMIT_WEIGHT;
            message.commitSegment = null;
        }
        forgetLabel(message);
        for (int i = 0; i < message.chunks.length; i += MessageEntry.CHUNK_INTS) {
            weigh(message.chunks[i], -message.chunks[i + 2]);
        }
        parts -= message.chunks.length * (long) Integer.BYTES;
        message.chunks = new int[0];
    }

    /// Whether removals noted in `segment` still matter: another segment that they speak of exists.
    boolean removalsMatter(Segment segment) {
        return segment.removalsTo != 0
                && anyOther(segment, segment.removalsFrom, segment.removalsTo);
    }

    /// Whether a segment from `from` to `to` other than `segment` exists.
    boolean anyOther(Segment segment, int from, int to) {
        Map.Entry<Integer, Segment> other = segments.ceilingEntry(from);
        if (other != null && other.getKey() == segment.id) {
            other = segments.higherEntry(segment.id);
        }
        return other != null && other.getKey() <= to;
    }
}
