package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;

import java.util.function.Consumer;

/// Something asked of a [BatchStore] that waits for its committer.
sealed interface StoreOp<D extends Draft> {
    /// A piece of content.
    record Append<D extends Draft>(D draft, Bytes piece, Consumer<StoreResult> done)
            implements StoreOp<D> {}

    /// A transaction; with the draft it commits, if any.
    record Commit<D extends Draft>(RecordTx tx, @Nullable D draft, Consumer<StoreResult> done)
            implements StoreOp<D> {}

    /// The end of a message that was begun.
    record Rollback<D extends Draft>(D draft) implements StoreOp<D> {}

    /// What it counts against the bound of what waits, in bytes.
    default long weight() {
        return switch (this) {
            case Append<D> append -> append.piece().length();
            case Commit<D> commit ->
                    BatchStore.ENVELOPE_WEIGHT
                            * (1L
                                    + commit.tx().add().size()
                                    + commit.tx().update().size()
                                    + commit.tx().remove().size());
            case Rollback<D> _ -> 0;
        };
    }
}
