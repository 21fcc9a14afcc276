package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

/// Keeps the number of envelopes within what the scheduler's memory bears: it would come to its end
/// again and again with more.
///
/// Called by any thread.
final class Crowd {
    /// Messages between two looks at the store: no store counts for nothing.
    private static final int EVERY = 64;

    private static final String ADVICE =
            " (`scheduler limit memory` or `scheduler backend sqlite`)";

    private final RecordStore records;
    private final long most;
    private int until;
    private @Nullable Refused refusal;

    Crowd(RecordStore records, long most) {
        this.records = records;
        this.most = most;
    }

    /// Throws [SpoolRefusedException] when a quarter more are there than new ones would be let in
    /// with.
    void check() throws SpoolRefusedException {
        long envelopes = most == Long.MAX_VALUE ? 0 : records.status().envelopes();
        if (envelopes - most > most / 4) {
            throw new SpoolRefusedException(
                    "queue: "
                            + envelopes
                            + " envelopes, more than the memory of the scheduler bears"
                            + ADVICE);
        }
    }

    /// Why a new message is refused, or null.
    synchronized @Nullable Refused refusal() {
        if (most == Long.MAX_VALUE || (refusal == null && until-- > 0)) {
            return refusal;
        }
        until = EVERY;
        long envelopes = records.status().envelopes();
        refusal =
                envelopes < most
                        ? null
                        : new Refused(
                                Refused.Reason.NO_SPACE,
                                "queue: "
                                        + envelopes
                                        + " envelopes are as many as the memory of the scheduler"
                                        + " bears"
                                        + ADVICE);
        return refusal;
    }
}
