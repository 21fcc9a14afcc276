package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.MsgId;

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
    private @Nullable String broken;

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
}
