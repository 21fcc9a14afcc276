package smtpd.queue.store;

/// What the index knows of one segment file.
final class Segment {
    final int id;

    /// Bytes written.
    int size;

    /// Bytes of what exists.
    long live;

    /// Pieces of content of messages that were begun and are not decided yet.
    int drafts;

    /// Lowest and highest segment that removals noted here speak of; while one of them is there,
    /// forgetting the removals would bring envelopes back.
    int removalsFrom = Integer.MAX_VALUE;

    int removalsTo;

    Segment(int id) {
        this.id = id;
    }

    void noteRemoval(int from, int to) {
        removalsFrom = Math.min(removalsFrom, from);
        removalsTo = Math.max(removalsTo, to);
    }
}
