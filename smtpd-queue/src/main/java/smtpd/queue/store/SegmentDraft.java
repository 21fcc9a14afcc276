package smtpd.queue.store;

import smtpd.core.mail.MsgId;

import java.util.Arrays;

/// A message that was begun, and where in the segments its content is; the committer's.
final class SegmentDraft extends Draft {
    /// As [MessageEntry#chunks].
    private int[] chunks = new int[MessageEntry.CHUNK_INTS];

    private int chunkCount;

    SegmentDraft(MsgId id) {
        super(id);
    }

    int chunkCount() {
        return chunkCount;
    }

    /// A piece of content will stand there.
    void addChunk(Segment segment, int offset, int length) {
        int at = chunkCount * MessageEntry.CHUNK_INTS;
        if (at == chunks.length) {
            chunks = Arrays.copyOf(chunks, 2 * chunks.length);
        }
        chunks[at] = segment.id;
        chunks[at + 1] = offset;
        chunks[at + 2] = length;
        chunkCount++;
        segment.drafts++;
    }

    /// The last piece could not be written.
    void dropChunk(Segment segment) {
        chunkCount--;
        segment.drafts--;
    }

    int[] chunks() {
        return Arrays.copyOf(chunks, chunkCount * MessageEntry.CHUNK_INTS);
    }
}
