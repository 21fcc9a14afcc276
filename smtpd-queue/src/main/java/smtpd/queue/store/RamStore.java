package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// A store in memory (`-B queue=ram`): gone with the process.
///
/// OpenSMTPD: `queue_ram.c`, with a bound on the content it holds.
public final class RamStore implements Store {
    private static final class Message {
        final List<Bytes> chunks;
        final long size;
        final NavigableMap<EvpId, Envelope> envelopes = new TreeMap<>();

        Message(List<Bytes> chunks, long size) {
            this.chunks = List.copyOf(chunks);
            this.size = size;
        }
    }

    private record Begun(Draft draft, List<Bytes> chunks) {}

    private final long maxBytes;
    private final NavigableMap<MsgId, Message> messages = new TreeMap<>();
    private final NavigableMap<MsgId, Begun> begun = new TreeMap<>();
    private long bytes;
    private long envelopeCount;

    /// An empty store for at most `maxBytes` of content; what is more is refused as a full disk.
    public RamStore(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    private Optional<Refused> full() {
        return bytes < maxBytes
                ? Optional.empty()
                : Optional.of(new Refused(Refused.Reason.NO_SPACE, "queue memory is full"));
    }

    @Override
    public synchronized NewMessage create(RandomGenerator random) {
        Optional<Refused> full = full();
        if (full.isPresent()) {
            return full.get();
        }
        while (true) {
            int value = random.nextInt();
            if (value == 0) {
                continue;
            }
            MsgId id = new MsgId(value);
            if (!messages.containsKey(id) && !begun.containsKey(id)) {
                begun.put(id, new Begun(new Draft(id), new ArrayList<>()));
                return new NewMessage.Opened(id);
            }
        }
    }

    @Override
    public synchronized EvpId newEnvelopeId(MsgId id, RandomGenerator random) {
        Begun draft = begun.get(id);
        if (draft != null) {
            return id.envelope(draft.draft.mint(random));
        }
        Message message = messages.get(id);
        if (message == null) {
            throw new IllegalArgumentException("no message " + id);
        }
        while (true) {
            int low = random.nextInt();
            if (low != 0 && !message.envelopes.containsKey(id.envelope(low))) {
                return id.envelope(low);
            }
        }
    }

    @Override
    public void append(MsgId id, Bytes chunk, Consumer<StoreResult> done) {
        done.accept(append(id, chunk));
    }

    private synchronized StoreResult append(MsgId id, Bytes chunk) {
        Begun draft = begun.get(id);
        if (draft == null) {
            return new Refused(Refused.Reason.UNKNOWN, "message " + id + " was not begun");
        }
        Optional<Refused> full = full();
        if (full.isPresent()) {
            draft.draft.breakOff(full.get().text());
            return full.get();
        }
        draft.draft.appended(chunk);
        draft.chunks.add(chunk);
        bytes += chunk.length();
        return StoreResult.DONE;
    }

    @Override
    public synchronized void rollback(MsgId id) {
        Begun draft = begun.remove(id);
        if (draft != null) {
            bytes -= draft.draft.size();
        }
    }

    @Override
    public void commit(StoreTx tx, Consumer<StoreResult> done) {
        done.accept(commit(tx));
    }

    private synchronized StoreResult commit(StoreTx tx) {
        Refused refused = check(tx);
        if (refused != null) {
            return refused;
        }
        tx.commit().map(StoreTx.Commit::message).ifPresent(this::makeMessage);
        for (Envelope envelope : tx.add()) {
            existing(envelope.msgid()).envelopes.put(envelope.id(), envelope);
            envelopeCount++;
        }
        for (StoreTx.StateUpdate update : tx.update()) {
            Message message = messages.get(update.id().msgid());
            if (message != null) {
                message.envelopes.computeIfPresent(
                        update.id(), (_, envelope) -> envelope.with(update.state()));
            }
        }
        tx.remove().forEach(this::remove);
        return StoreResult.DONE;
    }

    private @Nullable Refused check(StoreTx tx) {
        MsgId committing = null;
        if (tx.commit().isPresent()) {
            committing = tx.commit().get().message();
            Begun draft = begun.get(committing);
            if (draft == null) {
                return new Refused(
                        Refused.Reason.UNKNOWN, "message " + committing + " was not begun");
            }
            Refused mismatch = draft.draft.mismatch(tx.commit().get());
            if (mismatch != null) {
                return mismatch;
            }
        }
        for (Envelope envelope : tx.add()) {
            Message message = messages.get(envelope.msgid());
            if (message == null && !envelope.msgid().equals(committing)) {
                return new Refused(Refused.Reason.UNKNOWN, "no message " + envelope.msgid());
            }
            if (message != null && message.envelopes.containsKey(envelope.id())) {
                return new Refused(Refused.Reason.UNKNOWN, "envelope " + envelope.id() + " exists");
            }
        }
        return null;
    }

    private Message existing(MsgId id) {
        Message message = messages.get(id);
        if (message == null) {
            throw new IllegalStateException("no message " + id);
        }
        return message;
    }

    private void makeMessage(MsgId id) {
        Begun draft = begun.remove(id);
        if (draft != null) {
            messages.put(id, new Message(draft.chunks, draft.draft.size()));
        }
    }

    private void remove(EvpId id) {
        Message message = messages.get(id.msgid());
        if (message == null || message.envelopes.remove(id) == null) {
            return;
        }
        envelopeCount--;
        if (message.envelopes.isEmpty()) {
            messages.remove(id.msgid());
            bytes -= message.size;
        }
    }

    @Override
    public synchronized Loaded load(EvpId id) {
        Message message = messages.get(id.msgid());
        Envelope envelope = message == null ? null : message.envelopes.get(id);
        return envelope == null ? Loaded.ABSENT : new Loaded.Found(envelope);
    }

    @Override
    public synchronized List<EvpId> envelopes(MsgId id) {
        Message message = messages.get(id);
        return message == null ? List.of() : List.copyOf(message.envelopes.keySet());
    }

    @Override
    public synchronized Optional<Content> content(MsgId id) {
        Message message = messages.get(id);
        return message == null
                ? Optional.empty()
                : Optional.of(new RamContent(message.size, message.chunks.iterator()));
    }

    @Override
    public EnvelopeCursor walk() {
        return list(Optional.empty());
    }

    @Override
    public synchronized EnvelopeCursor list(Optional<EvpId> from) {
        List<EvpId> ids = new ArrayList<>();
        for (Message message : messages.values()) {
            for (EvpId id : message.envelopes.keySet()) {
                if (from.isEmpty() || id.compareTo(from.get()) >= 0) {
                    ids.add(id);
                }
            }
        }
        return new RamCursor(ids.iterator());
    }

    @Override
    public synchronized StoreStatus status() {
        return new StoreStatus(messages.size(), envelopeCount, 0, full());
    }

    @Override
    public void close() {}

    private record RamContent(long size, Iterator<Bytes> chunks) implements Content {
        @Override
        public Piece next() {
            return chunks.hasNext() ? new Piece.Chunk(chunks.next()) : Piece.END;
        }

        @Override
        public void close() {}
    }

    private final class RamCursor implements EnvelopeCursor {
        private final Iterator<EvpId> ids;

        RamCursor(Iterator<EvpId> ids) {
            this.ids = ids;
        }

        @Override
        public Optional<Envelope> next() {
            while (ids.hasNext()) {
                if (load(ids.next()) instanceof Loaded.Found(Envelope envelope)) {
                    return Optional.of(envelope);
                }
            }
            return Optional.empty();
        }

        @Override
        public void close() {}
    }
}
