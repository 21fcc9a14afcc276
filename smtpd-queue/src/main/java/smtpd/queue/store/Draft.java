package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.MsgId;

import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;

/// A message that was begun and not committed yet: how much was appended so far.
class Draft {
    private final MsgId id;
    private Set<Integer> minted = Set.of();
    private final CRC32C checksum = new CRC32C();
    private long size;
    private volatile @Nullable String broken;
    private boolean committing;

    Draft(MsgId id) {
        this.id = id;
    }

    final MsgId id() {
        return id;
    }

    /// A low half that was not given out before; the caller checks it against the message.
    final int mint(RandomGenerator random) {
        if (minted.isEmpty()) {
            minted = new HashSet<>();
        }
        int low;
        do {
            low = random.nextInt();
        } while (low == 0 || !minted.add(low));
        return low;
    }

    final void appended(Bytes piece) {
        checksum.update(piece.array(), piece.offset(), piece.length());
        size += piece.length();
    }

    /// Content is missing: it can only be rolled back.
    final void breakOff(String why) {
        broken = why;
    }

    /// Empty when what was appended is what the commit says; else why not.
    final @Nullable Refused mismatch(RecordTx.Commit commit) {
        return mismatch(commit.size(), commit.crc32c());
    }

    /// Empty when what was appended has this size and CRC-32C; else why not.
    final @Nullable Refused mismatch(long ofSize, int crc32c) {
        if (broken != null) {
            return new Refused(
                    Refused.Reason.DAMAGED, "message " + id + ": content incomplete: " + broken);
        }
        if (size != ofSize || checksum() != crc32c) {
            return new Refused(
                    Refused.Reason.DAMAGED,
                    "message " + id + ": content is not what was committed");
        }
        return null;
    }

    final long size() {
        return size;
    }

    /// The CRC-32C of what was appended.
    final int checksum() {
        return (int) checksum.getValue();
    }

    /// Why content is missing, or null.
    final @Nullable String broken() {
        return broken;
    }

    /// Whether a commit of it is on its way; the committer's.
    final boolean committing() {
        return committing;
    }

    final void committing(boolean now) {
        committing = now;
    }
}
