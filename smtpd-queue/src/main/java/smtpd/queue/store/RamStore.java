package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;
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
public final class RamStore implements RecordStore {
    private static final class Message {
        final List<Bytes> chunks;
        final long size;
        final NavigableMap<EvpId, Stored.Found> envelopes = new TreeMap<>();
        Bytes label;
        boolean held;

        Message(List<Bytes> chunks, RecordTx.Commit commit) {
            this.chunks = List.copyOf(chunks);
            this.size = commit.size();
            this.label = commit.label();
        }
    }

    private record Begun(Draft draft, List<Bytes> chunks) {}

    private final long maxBytes;
    private final NavigableMap<MsgId, Message> messages = new TreeMap<>();
    private final NavigableMap<MsgId, Begun> begun = new TreeMap<>();
    private Bytes roster = Bytes.EMPTY;
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
    public synchronized Bytes roster() {
        return roster;
    }

    @Override
    public void commit(RecordTx tx, Consumer<StoreResult> done) {
        done.accept(commit(tx));
    }

    private synchronized StoreResult commit(RecordTx tx) {
        Refused refused = check(tx);
        if (refused != null) {
            return refused;
        }
        tx.commit().ifPresent(this::makeMessage);
        for (RecordTx.Label label : tx.relabel()) {
            Message message = messages.get(label.message());
            if (message != null) {
                message.label = label.bytes();
            }
        }
        for (RecordTx.Item item : tx.add()) {
            existing(item.id().msgid())
                    .envelopes
                    .put(item.id(), new Stored.Found(item.id(), item.bytes(), Optional.empty()));
            envelopeCount++;
        }
        for (RecordTx.Item item : tx.update()) {
            Message message = messages.get(item.id().msgid());
            if (message != null) {
                message.envelopes.computeIfPresent(
                        item.id(),
                        (id, found) ->
                                new Stored.Found(id, found.envelope(), Optional.of(item.bytes())));
            }
        }
        tx.remove().forEach(this::remove);
        roster = tx.roster().orElse(roster);
        return StoreResult.DONE;
    }

    private @Nullable Refused check(RecordTx tx) {
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
        for (RecordTx.Item item : tx.add()) {
            MsgId id = item.id().msgid();
            Message message = messages.get(id);
            if (message == null && !id.equals(committing)) {
                return new Refused(Refused.Reason.UNKNOWN, "no message " + id);
            }
            if (message != null && message.envelopes.containsKey(item.id())) {
                return new Refused(Refused.Reason.UNKNOWN, "envelope " + item.id() + " exists");
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

    private void makeMessage(RecordTx.Commit commit) {
        Begun draft = begun.remove(commit.message());
        if (draft != null) {
            messages.put(commit.message(), new Message(draft.chunks, commit));
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
    public synchronized Stored load(EvpId id) {
        Message message = messages.get(id.msgid());
        Stored.Found found = message == null ? null : message.envelopes.get(id);
        return found == null ? Stored.ABSENT : found;
    }

    @Override
    public synchronized Optional<Bytes> label(MsgId id) {
        Message message = messages.get(id);
        return message == null ? Optional.empty() : Optional.of(message.label);
    }

    @Override
    public synchronized Iterator<MsgId> messages() {
        return List.copyOf(messages.keySet()).iterator();
    }

    @Override
    public synchronized void hold(MsgId id, String why) {
        Message message = messages.get(id);
        if (message != null) {
            message.held = true;
        }
    }

    @Override
    public void hold(EvpId id, String why) {}

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
    public RecordCursor walk() {
        return cursor(Optional.empty(), false);
    }

    @Override
    public RecordCursor list(Optional<EvpId> from) {
        return cursor(from, true);
    }

    private synchronized RecordCursor cursor(Optional<EvpId> from, boolean held) {
        List<EvpId> ids = new ArrayList<>();
        for (Message message : messages.values()) {
            for (EvpId id : message.envelopes.keySet()) {
                if ((held || !message.held) && (from.isEmpty() || id.compareTo(from.get()) >= 0)) {
                    ids.add(id);
                }
            }
        }
        long[] values = ids.stream().mapToLong(EvpId::value).toArray();
        return new IdCursor(values, this::load, () -> {}, _ -> {});
    }

    @Override
    public synchronized StoreStatus status() {
        long held = messages.values().stream().filter(message -> message.held).count();
        return new StoreStatus(messages.size(), envelopeCount, held, full());
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
}
