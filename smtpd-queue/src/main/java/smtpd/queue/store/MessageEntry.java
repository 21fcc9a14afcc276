package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;

import java.util.function.Consumer;

/// A message in the index: where its content is, and its envelopes.
final class MessageEntry {
    /// Ints per chunk in [#chunks]: segment id (0: not known), where its record begins, length of
    /// its content.
    static final int CHUNK_INTS = 3;

    private static final int[] NO_CHUNKS = new int[0];

    final int id;
    long size;
    int crc;
    @Nullable Segment commitSegment;
    int[] chunks = NO_CHUNKS;
    Bytes label = Bytes.EMPTY;

    /// Where the label stands; null while there is none.
    @Nullable Segment labelSegment;

    boolean damaged;

    private @Nullable EnvelopeEntry only;
    private @Nullable IntMap<EnvelopeEntry> many;

    MessageEntry(int id) {
        this.id = id;
    }

    int chunkCount() {
        return chunks.length / CHUNK_INTS;
    }

    int envelopeCount() {
        return many != null ? many.size() : only != null ? 1 : 0;
    }

    @Nullable EnvelopeEntry envelope(int low) {
        if (many != null) {
            return many.get(low);
        }
        return only != null && only.low == low ? only : null;
    }

    void put(EnvelopeEntry entry) {
        if (many == null && (only == null || only.low == entry.low)) {
            only = entry;
            return;
        }
        if (many == null) {
            many = new IntMap<>();
            if (only != null) {
                many.put(only.low, only);
                only = null;
            }
        }
        many.put(entry.low, entry);
    }

    @Nullable EnvelopeEntry remove(int low) {
        if (many != null) {
            return many.remove(low);
        }
        EnvelopeEntry entry = envelope(low);
        if (entry != null) {
            only = null;
        }
        return entry;
    }

    void forEachEnvelope(Consumer<EnvelopeEntry> action) {
        if (many != null) {
            many.forEach(action);
        } else if (only != null) {
            action.accept(only);
        }
    }

    /// Whether all content that was committed is where it should be.
    boolean complete() {
        long sum = 0;
        for (int i = 0; i < chunks.length; i += CHUNK_INTS) {
            if (chunks[i] == 0) {
                return false;
            }
            sum += chunks[i + 2];
        }
        return commitSegment != null && sum == size;
    }
}
