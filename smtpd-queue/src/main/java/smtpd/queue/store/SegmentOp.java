package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;

import java.util.function.Consumer;

/// Something asked of the segment store that waits for its committer.
sealed interface SegmentOp {
    /// A piece of content.
    record Append(Draft draft, Bytes chunk, Consumer<StoreResult> done) implements SegmentOp {}

    /// A transaction; with the draft it commits, if any.
    record Commit(StoreTx tx, @Nullable Draft draft, Consumer<StoreResult> done)
            implements SegmentOp {}

    /// The end of a message that was begun.
    record Rollback(Draft draft) implements SegmentOp {}

    /// What it counts against the bound of what waits, in bytes.
    default long weight() {
        return switch (this) {
            case Append append -> append.chunk().length();
            case Commit commit ->
                    SegmentStore.ENVELOPE_WEIGHT
                            * (1L
                                    + commit.tx().add().size()
                                    + commit.tx().update().size()
                                    + commit.tx().remove().size());
            case Rollback _ -> 0;
        };
    }
}
