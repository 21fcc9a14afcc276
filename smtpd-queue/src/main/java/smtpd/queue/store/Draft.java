package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.MsgId;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;

/// A message that was begun and not committed yet: what was appended so far.
final class Draft {
    private final MsgId id;
    private final Set<Integer> minted = new HashSet<>();
    private final CRC32C checksum = new CRC32C();
    private long size;
    private volatile @Nullable String broken;

    /// As [MessageEntry#chunks]; the committer's.
    private int[] chunks = new int[MessageEntry.CHUNK_INTS];

    private int chunkCount;
    private boolean committing;

    Draft(MsgId id) {
        this.id = id;
    }

    MsgId id() {
        return id;
    }

    /// A low half that was not given out before; the caller checks it against the message.
    int mint(RandomGenerator random) {
        int low;
        do {
            low = random.nextInt();
        } while (low == 0 || !minted.add(low));
        return low;
    }

    void appended(Bytes chunk) {
        checksum.update(chunk.array(), chunk.offset(), chunk.length());
        size += chunk.length();
    }

    /// Content is missing: it can only be rolled back.
    void breakOff(String why) {
        broken = why;
    }

    /// Empty when what was appended is what the commit says; else why not.
    @Nullable Refused mismatch(StoreTx.Commit commit) {
        if (broken != null) {
            return new Refused(
                    Refused.Reason.DAMAGED, "message " + id + ": content incomplete: " + broken);
        }
        if (size != commit.size() || (int) checksum.getValue() != commit.crc32c()) {
            return new Refused(
                    Refused.Reason.DAMAGED,
                    "message " + id + ": content is not what was committed");
        }
        return null;
    }

    long size() {
        return size;
    }

    /// Why content is missing, or null.
    @Nullable String broken() {
        return broken;
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

    /// Whether a commit of it is on its way; the committer's.
    boolean committing() {
        return committing;
    }

    void committing(boolean now) {
        committing = now;
    }
}
