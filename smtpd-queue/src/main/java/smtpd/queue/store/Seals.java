package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;
import smtpd.queue.seal.Keyring;
import smtpd.queue.seal.MessageKeys;
import smtpd.queue.seal.SealException;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// The seals of messages that exist: which of them are sealed, with which keys, and what their
/// envelopes say.
final class Seals {
    /// Labels kept opened: to open one costs a few microseconds, and a message that just came is
    /// asked for again soon. More would live long enough to cost the collector as much.
    private static final int KEPT = 128;

    private record Opened(Bytes label, MessageLabel read) {}

    private final RecordStore records;
    private final Keyring ring;
    private final RandomGenerator secret;
    private final Map<MsgId, Opened> kept = new LinkedHashMap<>(16, 0.75f, true);

    Seals(RecordStore records, Keyring ring, RandomGenerator secret) {
        this.records = records;
        this.ring = ring;
        this.secret = secret;
    }

    /// What a label that is not empty says; throws [CorruptException] when it cannot be read.
    MessageLabel label(MsgId message, Bytes label) throws CorruptException {
        synchronized (kept) {
            Opened opened = kept.get(message);
            if (opened != null && opened.label.equals(label)) {
                return opened.read;
            }
        }
        try {
            MessageLabel read = MessageLabel.decode(message, label, ring);
            keep(message, label, read);
            return read;
        } catch (SealException e) {
            throw new CorruptException("label: " + e.getMessage());
        }
    }

    /// Keeps a label that was read or made: its message is asked for again soon.
    void keep(MsgId message, Bytes label, MessageLabel read) {
        synchronized (kept) {
            kept.put(message, new Opened(label, read));
            if (kept.size() > KEPT) {
                Iterator<MsgId> oldest = kept.keySet().iterator();
                oldest.next();
                oldest.remove();
            }
        }
    }

    /// The keys of a message; null when it is not sealed, or not there.
    @Nullable MessageKeys keys(MsgId message) throws CorruptException {
        Optional<Bytes> label = ring.isEmpty() ? Optional.empty() : records.label(message);
        return label.isEmpty() || label.get().length() == 0
                ? null
                : label(message, label.get()).keys();
    }

    /// An envelope as it is stored.
    RecordTx.Item envelope(EvpId id, Bytes bytes, @Nullable MessageKeys keys) {
        return new RecordTx.Item(
                id,
                keys == null
                        ? bytes
                        : keys.sealItem(id, MessageKeys.Kind.ENVELOPE, 0, bytes, secret));
    }

    /// A state as it is stored.
    RecordTx.Item state(EvpId id, int generation, Bytes bytes, MessageKeys keys) {
        return new RecordTx.Item(
                id, keys.sealItem(id, MessageKeys.Kind.STATE, generation, bytes, secret));
    }

    /// The envelope that was stored; throws [CorruptException] when it is not what was stored.
    Envelope envelope(Stored.Found found) throws CorruptException {
        EvpId id = found.id();
        MessageKeys keys = keys(id.msgid());
        Bytes bytes = open(id, MessageKeys.Kind.ENVELOPE, found.envelope(), keys);
        Envelope envelope = EnvelopeCodec.read(id, buffer(bytes));
        if (found.state().isEmpty()) {
            return envelope;
        }
        Bytes state = open(id, MessageKeys.Kind.STATE, found.state().get(), keys);
        return envelope.with(EnvelopeCodec.readState(buffer(state)));
    }

    private static Bytes open(
            EvpId id, MessageKeys.Kind kind, Bytes item, @Nullable MessageKeys keys)
            throws CorruptException {
        if (keys == null) {
            return item;
        }
        try {
            return keys.openItem(id, kind, item);
        } catch (SealException e) {
            throw new CorruptException(String.valueOf(e.getMessage()));
        }
    }

    private static ByteBuffer buffer(Bytes bytes) {
        return ByteBuffer.wrap(bytes.array(), bytes.offset(), bytes.length()).slice();
    }
}
