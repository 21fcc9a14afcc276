package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

/// Where an envelope and its latest state are on disk.
final class EnvelopeEntry {
    /// The lower half of its id.
    final int low;

    /// The first segment that may hold it.
    final int origin;

    Segment segment;
    int offset;
    int length;

    /// Null while the state in the envelope itself is the latest.
    @Nullable Segment stateSegment;

    int stateOffset;
    int stateLength;

    /// The CRC-32C of the latest state: an earlier one in its place is noticed.
    int stateCrc;

    EnvelopeEntry(int low, int origin, Segment segment, int offset, int length) {
        this.low = low;
        this.origin = origin;
        this.segment = segment;
        this.offset = offset;
        this.length = length;
    }
}
