package smtpd.queue;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.Envelope;
import smtpd.queue.store.Refused;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/// A message that is being received: content so far, envelopes so far, and whether it is still
/// worth anything.
final class Incoming {
    /// Envelopes of one message: the most recipients of a transaction, each expanded to a list.
    static final int ENVELOPES_MAX = 100_000;

    private final List<Envelope> envelopes = new ArrayList<>();
    private final CRC32C crc = new CRC32C();
    private long size;
    private @Nullable Refused failure;

    /// Counts a piece of content.
    void received(Bytes bytes) {
        crc.update(bytes.array(), bytes.offset(), bytes.length());
        size += bytes.length();
    }

    /// Adds envelopes; false if there are too many.
    boolean add(List<Envelope> more) {
        if (envelopes.size() + more.size() > ENVELOPES_MAX) {
            return false;
        }
        envelopes.addAll(more);
        return true;
    }

    /// Notes why it cannot be committed any more; the first reason counts.
    void fail(Refused why) {
        if (failure == null) {
            failure = why;
        }
    }

    /// Why it may not be committed, if so.
    ///
    /// @param expectedSize bytes the sender says it sent
    /// @param expectedCrc their CRC-32C
    Optional<Refused> objection(long expectedSize, int expectedCrc) {
        if (failure != null) {
            return Optional.of(failure);
        }
        if (envelopes.isEmpty()) {
            return Optional.of(new Refused(Refused.Reason.UNKNOWN, "no recipients"));
        }
        boolean whole = size == expectedSize && (int) crc.getValue() == expectedCrc;
        return whole
                ? Optional.empty()
                : Optional.of(
                        new Refused(Refused.Reason.DAMAGED, "content was damaged on its way"));
    }

    List<Envelope> envelopes() {
        return List.copyOf(envelopes);
    }

    long size() {
        return size;
    }

    int checksum() {
        return (int) crc.getValue();
    }
}
