package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/// The operations that become one write and one sync: gathered, then written, then applied.
///
/// State: `gathered` are in memory only; `written` are in the file and wait for its sync; once it
/// is done they are applied to the index and answered.
final class SegmentBatch {
    /// Something gathered or written. `payload` is where its transaction's payload is in `segment`.
    private static final class Step {
        final StoreOp<SegmentDraft> op;
        final Segment segment;
        final int payload;
        final @Nullable TxEffects effects;
        final int[] chunks;

        Step(
                StoreOp<SegmentDraft> op,
                Segment segment,
                int payload,
                @Nullable TxEffects effects,
                int[] chunks) {
            this.op = op;
            this.segment = segment;
            this.payload = payload;
            this.effects = effects;
            this.chunks = chunks;
        }
    }

    private final Index index;
    private final SegmentLog log;
    private final List<Step> gathered = new ArrayList<>();
    private final List<Step> written = new ArrayList<>();
    private final Set<MsgId> removing = new LinkedHashSet<>();
    private boolean urgent;

    SegmentBatch(Index index, SegmentLog log) {
        this.index = index;
        this.log = log;
    }

    /// Whether something gathered or written must be durable before it is answered, now.
    boolean urgent() {
        return urgent;
    }

    boolean waiting() {
        return !written.isEmpty();
    }

    int gatheredCount() {
        return gathered.size();
    }

    /// Whether an operation's meaning depends on one that is not applied yet.
    boolean mustFollow(StoreOp<SegmentDraft> op) {
        if (!(op instanceof StoreOp.Commit<SegmentDraft> commit) || removing.isEmpty()) {
            return false;
        }
        return commit.tx().add().stream().anyMatch(e -> removing.contains(e.id().msgid()));
    }

    /// Makes what is written urgent.
    void hurry() {
        urgent |= !written.isEmpty();
    }

    /// Gathers an operation that was checked.
    void gather(StoreOp<SegmentDraft> op) {
        switch (op) {
            case StoreOp.Append<SegmentDraft> append -> gatherChunk(append);
            case StoreOp.Commit<SegmentDraft> commit -> gatherTx(commit);
            case StoreOp.Rollback<SegmentDraft> rollback -> release(rollback.draft());
        }
    }

    private void gatherChunk(StoreOp.Append<SegmentDraft> append) {
        SegmentDraft draft = append.draft();
        String broken = draft.broken();
        if (broken != null) {
            append.done().accept(new Refused(Refused.Reason.DAMAGED, broken));
            return;
        }
        GrowBuffer out = log.begin();
        out.putInt(draft.id().value());
        out.putInt(draft.chunkCount());
        out.putBytes(append.piece().array(), append.piece().offset(), append.piece().length());
        int at = log.end(SegmentFormat.CHUNK);
        draft.addChunk(log.segment(), at, append.piece().length());
        gathered.add(new Step(append, log.segment(), 0, null, new int[0]));
    }

    private void gatherTx(StoreOp.Commit<SegmentDraft> op) {
        if (op.tx().isEmpty()) {
            gathered.add(new Step(op, log.segment(), 0, null, new int[0]));
            urgent = true;
            return;
        }
        SegmentDraft draft = op.draft();
        int before = log.gathered();
        TxEffects effects = new TxEffects();
        int at;
        try {
            GrowBuffer out = log.begin();
            TxCodec.write(
                    op.tx(),
                    draft == null ? 0 : draft.chunkCount(),
                    this::origin,
                    log.segment().id,
                    out);
            int payload = log.payloadStart();
            int end = out.position();
            at = log.end(SegmentFormat.TX);
            ByteBuffer bytes = out.written();
            TxCodec.read(bytes.limit(end).position(payload), effects);
        } catch (IllegalArgumentException | CorruptException e) {
            log.rewind(before);
            op.done().accept(new Refused(Refused.Reason.DAMAGED, "transaction: " + e.getMessage()));
            return;
        }
        if (draft != null) {
            draft.committing(true);
        }
        int[] chunks = draft == null ? new int[0] : draft.chunks();
        int payload = at + SegmentFormat.RECORD_HEADER;
        gathered.add(new Step(op, log.segment(), payload, effects, chunks));
        expect(op);
    }

    private int origin(EvpId id) {
        synchronized (index) {
            EnvelopeEntry entry = index.envelope(id.value());
            return entry == null ? 0 : entry.origin;
        }
    }

    private void release(SegmentDraft draft) {
        int[] chunks = draft.chunks();
        synchronized (index) {
            for (int i = 0; i < chunks.length; i += MessageEntry.CHUNK_INTS) {
                Segment segment = index.segments().get(chunks[i]);
                if (segment != null) {
                    segment.drafts--;
                }
            }
        }
    }

    /// What was gathered is in the file: content is answered.
    void wrote() {
        for (Step step : gathered) {
            if (step.op instanceof StoreOp.Append<SegmentDraft> append) {
                append.done().accept(StoreResult.DONE);
            } else {
                written.add(step);
            }
        }
        gathered.clear();
    }

    /// What was gathered could not be written. Returns its operations, undone.
    List<StoreOp<SegmentDraft>> undo() {
        List<StoreOp<SegmentDraft>> ops = new ArrayList<>();
        for (Step step : gathered.reversed()) {
            ops.add(step.op);
            if (step.op instanceof StoreOp.Append<SegmentDraft> append) {
                append.draft().dropChunk(step.segment);
            } else if (step.op
                            instanceof
                            StoreOp.Commit<SegmentDraft>(_, @Nullable SegmentDraft draft, _)
                    && draft != null) {
                draft.committing(false);
            }
        }
        gathered.clear();
        removing.clear();
        urgent = false;
        written.forEach(step -> expect(step.op));
        return ops.reversed();
    }

    /// Remembers what a gathered or written operation means for those after it.
    private void expect(StoreOp<SegmentDraft> op) {
        if (op instanceof StoreOp.Commit<SegmentDraft> commit) {
            commit.tx().remove().forEach(id -> removing.add(id.msgid()));
            urgent |= !commit.tx().mayWait();
        }
    }

    /// What was written is durable: it takes effect and is answered. `committed` hears of drafts
    /// that are messages now.
    void synced(Consumer<SegmentDraft> committed) {
        synchronized (index) {
            for (Step step : written) {
                if (step.op instanceof StoreOp.Commit<SegmentDraft> commit
                        && step.effects != null) {
                    apply(step, commit, step.effects);
                    if (commit.draft() != null) {
                        committed.accept(commit.draft());
                    }
                }
            }
        }
        List<Step> answered = List.copyOf(written);
        written.clear();
        removing.clear();
        urgent = false;
        for (Step step : answered) {
            if (step.op instanceof StoreOp.Commit<SegmentDraft> commit) {
                commit.done().accept(StoreResult.DONE);
            }
        }
    }

    private void apply(Step step, StoreOp.Commit<SegmentDraft> op, TxEffects effects) {
        for (TxEffects.Committed c : effects.commits()) {
            index.commit(
                    c.msgid(),
                    c.size(),
                    c.crc(),
                    Arrays.copyOf(step.chunks, step.chunks.length),
                    step.segment);
            if (op.draft() != null) {
                release(op.draft());
            }
        }
        effects.applyRest(index, step.segment, step.payload);
    }

    /// Gives up everything; returns its operations.
    List<StoreOp<SegmentDraft>> fail() {
        List<StoreOp<SegmentDraft>> ops = new ArrayList<>();
        written.forEach(step -> ops.add(step.op));
        gathered.forEach(step -> ops.add(step.op));
        written.clear();
        gathered.clear();
        removing.clear();
        urgent = false;
        return ops;
    }
}
