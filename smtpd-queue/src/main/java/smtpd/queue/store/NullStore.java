package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// A store that accepts everything and drops it (`-B queue=null`), for measuring what is before it.
///
/// It checks ids, sizes and checksums like the others; what is committed does not exist.
public final class NullStore implements Store {
    private final NavigableMap<MsgId, Draft> begun = new TreeMap<>();

    @Override
    public synchronized NewMessage create(RandomGenerator random) {
        while (true) {
            int value = random.nextInt();
            if (value != 0 && !begun.containsKey(new MsgId(value))) {
                MsgId id = new MsgId(value);
                begun.put(id, new Draft(id));
                return new NewMessage.Opened(id);
            }
        }
    }

    @Override
    public synchronized EvpId newEnvelopeId(MsgId id, RandomGenerator random) {
        Draft draft = begun.get(id);
        if (draft == null) {
            throw new IllegalArgumentException("no message " + id);
        }
        return id.envelope(draft.mint(random));
    }

    @Override
    public void append(MsgId id, Bytes chunk, Consumer<StoreResult> done) {
        done.accept(append(id, chunk));
    }

    private synchronized StoreResult append(MsgId id, Bytes chunk) {
        Draft draft = begun.get(id);
        if (draft == null) {
            return new Refused(Refused.Reason.UNKNOWN, "message " + id + " was not begun");
        }
        draft.appended(chunk);
        return StoreResult.DONE;
    }

    @Override
    public synchronized void rollback(MsgId id) {
        begun.remove(id);
    }

    @Override
    public void commit(StoreTx tx, Consumer<StoreResult> done) {
        Refused refused = drop(tx);
        done.accept(refused == null ? StoreResult.DONE : refused);
    }

    private synchronized @Nullable Refused drop(StoreTx tx) {
        MsgId committing = null;
        Refused refused = null;
        if (tx.commit().isPresent()) {
            committing = tx.commit().get().message();
            Draft draft = begun.get(committing);
            refused =
                    draft == null
                            ? new Refused(
                                    Refused.Reason.UNKNOWN,
                                    "message " + committing + " was not begun")
                            : draft.mismatch(tx.commit().get().size(), tx.commit().get().crc32c());
        }
        for (Envelope envelope : tx.add()) {
            if (!envelope.msgid().equals(committing)) {
                return new Refused(Refused.Reason.UNKNOWN, "no message " + envelope.msgid());
            }
        }
        if (committing != null && refused == null) {
            begun.remove(committing);
        }
        return refused;
    }

    @Override
    public Loaded load(EvpId id) {
        return Loaded.ABSENT;
    }

    @Override
    public List<EvpId> envelopes(MsgId message) {
        return List.of();
    }

    @Override
    public Optional<Content> content(MsgId message) {
        return Optional.empty();
    }

    @Override
    public EnvelopeCursor walk() {
        return new EnvelopeCursor() {
            @Override
            public Optional<Envelope> next() {
                return Optional.empty();
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public EnvelopeCursor list(Optional<EvpId> from) {
        return walk();
    }

    @Override
    public StoreStatus status() {
        return new StoreStatus(0, 0, 0, Optional.empty());
    }

    @Override
    public void close() {}
}
