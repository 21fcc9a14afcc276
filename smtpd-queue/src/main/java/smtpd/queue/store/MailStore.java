package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;
import smtpd.queue.seal.MessageKeys;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.random.RandomGenerator;

/// Mail in a record store: what messages and envelopes mean, on their way to where their bytes are
/// kept.
///
/// Content is compressed, then sealed, as [Packing] says, before any of it reaches the records;
/// what each message needs to be read again stands in its label, so that what is configured may
/// change while mail is in the queue. Mail that came in clear stays in clear until it is gone, with
/// its envelopes; mail that was sealed stays sealed.
public final class MailStore implements Store {
    private final RecordStore records;
    private final Packing packing;
    private final Seals seals;
    private final RandomGenerator secret;
    private final Witness witness;
    private final @Nullable RosterKeeper roster;
    private final EnvelopeCache cache = new EnvelopeCache();
    private final ConcurrentMap<MsgId, Packer> packers = new ConcurrentHashMap<>();
    private volatile Crowd crowd;

    private MailStore(
            RecordStore records,
            Packing packing,
            RandomGenerator secret,
            Witness witness,
            @Nullable RosterKeeper roster) {
        this.records = records;
        this.crowd = new Crowd(records, Long.MAX_VALUE);
        this.packing = packing;
        this.secret = secret;
        this.seals = new Seals(records, packing.ring(), secret);
        this.witness = witness;
        this.roster = roster;
    }

    /// Mail over `records`; keys come from `secret`, which nobody may be able to predict. Throws
    /// [SpoolRefusedException], with nothing changed and `records` open, when mail is there that
    /// none of the keys opens.
    ///
    /// `notices` is told when what is sealed there is not what we left.
    public static MailStore over(
            RecordStore records,
            Packing packing,
            RandomGenerator secret,
            Consumer<StoreNotice> notices)
            throws IOException {
        return over(records, packing, secret, Witness.NONE, notices);
    }

    /// The same, with somebody outside of the storage who sees what was answered; it is closed with
    /// the store. Throws [IOException], with nothing changed in `records`, when the witness cannot
    /// be written.
    public static MailStore over(
            RecordStore records,
            Packing packing,
            RandomGenerator secret,
            Witness witness,
            Consumer<StoreNotice> notices)
            throws IOException {
        KeyCheck.check(records, packing.ring());
        RosterKeeper roster = RosterKeeper.start(records, packing.ring(), secret, witness, notices);
        return new MailStore(records, packing, secret, witness, roster);
    }

    /// Mail stored as it comes.
    public static MailStore plain(RecordStore records) {
        return new MailStore(
                records, Packing.NONE, RandomGenerator.of("L64X128MixRandom"), Witness.NONE, null);
    }

    /// Refuses new messages from now on while there are `most` envelopes; throws
    /// [SpoolRefusedException] when it is a quarter more.
    public void bound(long most) throws SpoolRefusedException {
        Crowd bounded = new Crowd(records, most);
        bounded.check();
        crowd = bounded;
    }

    @Override
    public NewMessage create(RandomGenerator random) {
        Refused refused = crowd.refusal();
        if (refused != null) {
            return refused;
        }
        NewMessage created = records.create(random);
        if (created instanceof NewMessage.Opened(MsgId id) && !packing.isNone()) {
            MessageKeys keys =
                    packing.ring().current().isPresent() ? MessageKeys.fresh(secret) : null;
            packers.put(id, new Packer(id, packing.compression(), keys));
        }
        return created;
    }

    @Override
    public EvpId newEnvelopeId(MsgId message, RandomGenerator random) {
        return records.newEnvelopeId(message, random);
    }

    @Override
    public void append(MsgId message, Bytes chunk, Consumer<StoreResult> done) {
        if (chunk.length() < 1 || chunk.length() > CHUNK_MAX) {
            throw new IllegalArgumentException("chunk of " + chunk.length() + " bytes");
        }
        Packer packer = packers.get(message);
        if (packer == null) {
            records.append(message, chunk, done);
            return;
        }
        synchronized (packer) {
            List<Bytes> pieces = packer.put(chunk);
            append(message, packer, pieces.subList(0, Math.max(0, pieces.size() - 1)));
            if (pieces.isEmpty()) {
                done.accept(StoreResult.DONE);
            } else {
                records.append(message, pieces.getLast(), done);
            }
        }
    }

    private void append(MsgId message, Packer packer, List<Bytes> pieces) {
        for (Bytes piece : pieces) {
            records.append(
                    message,
                    piece,
                    result -> {
                        if (result instanceof Refused refused) {
                            packer.packed.breakOff(refused.text());
                        }
                    });
        }
    }

    @Override
    public void rollback(MsgId message) {
        forget(message);
        records.rollback(message);
    }

    private void forget(MsgId message) {
        Packer packer = packers.remove(message);
        if (packer != null) {
            synchronized (packer) {
                packer.abandon();
            }
        }
    }

    @Override
    public void commit(StoreTx tx, Consumer<StoreResult> done) {
        Optional<RecordTx.Commit> commit = Optional.empty();
        MessageLabel fresh = null;
        if (tx.commit().isPresent()) {
            StoreTx.Commit it = tx.commit().get();
            Packer packer = packers.get(it.message());
            if (packer == null) {
                commit = Optional.of(asItCame(it));
            } else {
                synchronized (packer) {
                    Refused mismatch = packer.plain.mismatch(it.size(), it.crc32c());
                    if (mismatch != null) {
                        done.accept(mismatch);
                        return;
                    }
                    append(it.message(), packer, packer.end());
                    fresh = packer.label();
                    commit = Optional.of(packed(it, packer, fresh));
                }
            }
        }
        Consumer<StoreResult> told = done;
        if (fresh != null) {
            MessageLabel label = fresh;
            RecordTx.Commit it = commit.orElseThrow();
            told =
                    result -> {
                        if (result instanceof StoreResult.Done) {
                            seals.keep(it.message(), it.label(), label);
                        }
                        done.accept(result);
                    };
        }
        commit(tx, commit, fresh == null ? null : fresh.keys(), told);
    }

    /// Asks for a change with the roster's monitor held, so that rosters are in the order of what
    /// they speak of.
    private void commit(
            StoreTx tx,
            Optional<RecordTx.Commit> commit,
            @Nullable MessageKeys fresh,
            Consumer<StoreResult> done) {
        RosterKeeper keeper = roster;
        Refused refused;
        if (keeper == null) {
            refused = commit(tx, commit, fresh, null, done);
        } else {
            synchronized (keeper) {
                refused = commit(tx, commit, fresh, keeper, done);
            }
        }
        if (refused != null) {
            done.accept(refused);
        }
    }

    private @Nullable Refused commit(
            StoreTx tx,
            Optional<RecordTx.Commit> commit,
            @Nullable MessageKeys fresh,
            @Nullable RosterKeeper keeper,
            Consumer<StoreResult> done) {
        RosterKeeper.Change change = new RosterKeeper.Change();
        RecordTx packed;
        try {
            packed = items(tx, commit, fresh, keeper, change);
        } catch (CorruptException | IllegalArgumentException e) {
            if (keeper != null) {
                keeper.withdraw(change);
            }
            return new Refused(Refused.Reason.DAMAGED, "transaction: " + e.getMessage());
        }
        Consumer<StoreResult> answer = result -> committed(tx, result, done);
        if (keeper == null) {
            records.commit(packed, answer);
        } else {
            keeper.commit(change, packed, answer);
        }
        return null;
    }

    private static RecordTx.Commit asItCame(StoreTx.Commit it) {
        return new RecordTx.Commit(it.message(), it.size(), it.crc32c(), Bytes.EMPTY);
    }

    private RecordTx.Commit packed(StoreTx.Commit it, Packer packer, MessageLabel label) {
        return new RecordTx.Commit(
                it.message(),
                packer.packed.size(),
                packer.packed.checksum(),
                label.encode(it.message(), packing.ring(), secret));
    }

    private RecordTx items(
            StoreTx tx,
            Optional<RecordTx.Commit> commit,
            @Nullable MessageKeys fresh,
            @Nullable RosterKeeper keeper,
            RosterKeeper.Change change)
            throws CorruptException {
        MsgId committing = commit.map(RecordTx.Commit::message).orElse(null);
        List<RecordTx.Item> add = new ArrayList<>(tx.add().size());
        for (Envelope envelope : tx.add()) {
            MessageKeys keys =
                    envelope.msgid().equals(committing) ? fresh : seals.keys(envelope.msgid());
            add.add(seals.envelope(envelope.id(), EnvelopeCodec.bytes(envelope), keys));
            if (keeper != null) {
                keeper.add(change, envelope.id());
            }
        }
        List<RecordTx.Item> update = new ArrayList<>(tx.update().size());
        for (StoreTx.StateUpdate it : tx.update()) {
            Bytes bytes = EnvelopeCodec.bytes(it.state());
            MessageKeys keys = seals.keys(it.id().msgid());
            if (keys == null || keeper == null) {
                update.add(new RecordTx.Item(it.id(), bytes));
            } else {
                update.add(seals.state(it.id(), keeper.update(change, it.id()), bytes, keys));
            }
        }
        if (keeper != null) {
            keeper.remove(change, tx.remove());
        }
        return new RecordTx(commit, List.of(), add, update, tx.remove());
    }

    private void committed(StoreTx tx, StoreResult result, Consumer<StoreResult> done) {
        if (result instanceof StoreResult.Done) {
            tx.commit().map(StoreTx.Commit::message).ifPresent(packers::remove);
            synchronized (cache) {
                cache.apply(tx);
            }
        }
        done.accept(result);
    }

    @Override
    public Loaded load(EvpId id) {
        synchronized (cache) {
            Envelope cached = cache.get(id);
            if (cached != null) {
                return new Loaded.Found(cached);
            }
        }
        return switch (records.load(id)) {
            case Stored.Found found -> envelope(found);
            case Stored.Absent _ -> Loaded.ABSENT;
            case Refused refused -> refused;
        };
    }

    private Loaded envelope(Stored.Found found) {
        try {
            return new Loaded.Found(seals.envelope(found));
        } catch (CorruptException e) {
            String why = String.valueOf(e.getMessage());
            records.hold(found.id(), why);
            return new Refused(Refused.Reason.DAMAGED, "envelope " + found.id() + ": " + why);
        }
    }

    @Override
    public List<EvpId> envelopes(MsgId message) {
        return records.envelopes(message);
    }

    @Override
    public Optional<Content> content(MsgId message) {
        Optional<Bytes> label = records.label(message);
        Optional<Content> content = label.flatMap(_ -> records.content(message));
        if (content.isEmpty() || label.orElseThrow().length() == 0) {
            return content;
        }
        try {
            MessageLabel read = seals.label(message, label.get());
            return Optional.of(
                    new UnpackedContent(content.get(), read, why -> records.hold(message, why)));
        } catch (CorruptException e) {
            content.get().close();
            String why = String.valueOf(e.getMessage());
            records.hold(message, why);
            return Optional.of(new NoContent(0, new Refused(Refused.Reason.DAMAGED, why)));
        }
    }

    @Override
    public EnvelopeCursor walk() {
        return new Cursor(records.walk());
    }

    @Override
    public EnvelopeCursor list(Optional<EvpId> from) {
        return new Cursor(records.list(from));
    }

    private final class Cursor implements EnvelopeCursor {
        private final RecordCursor cursor;

        Cursor(RecordCursor cursor) {
            this.cursor = cursor;
        }

        @Override
        public Optional<Envelope> next() {
            while (true) {
                Optional<Stored.Found> found = cursor.next();
                if (found.isEmpty()) {
                    return Optional.empty();
                }
                if (envelope(found.get()) instanceof Loaded.Found(Envelope envelope)) {
                    return Optional.of(envelope);
                }
            }
        }

        @Override
        public void close() {
            cursor.close();
        }
    }

    @Override
    public void rekey(IntConsumer underWay, Consumer<Rekeyed> done) {
        if (packing.ring().current().isEmpty()) {
            Refused refused =
                    new Refused(Refused.Reason.UNKNOWN, "queue encryption is not configured");
            done.accept(new Rekeyed(0, 0, refused));
            return;
        }
        new Rekeying(records, packing.ring(), secret, underWay, done).go();
    }

    @Override
    public StoreStatus status() {
        return records.status();
    }

    @Override
    public void close() {
        records.close();
        witness.close();
    }
}
