package smtpd.queue.store;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// Where the bytes of messages and envelopes are kept: what a back-end of the queue implements.
///
/// It knows which bytes belong to which message and envelope and what exists, not what they mean:
/// [MailStore] is the [Store] over any of these, and what compresses and seals is between the two.
///
/// Bodies ([Bodies]) and envelopes (the rest) are separable: a store may keep content somewhere
/// else than its records, as long as content is durable before the transaction that commits it.
///
/// Order, answers, threads and the promise are those of [Store].
public interface RecordStore extends Bodies, AutoCloseable {
    /// Longest label: a version, a key's id and a wrapped key need some 120 bytes.
    int LABEL_MAX = 1024;

    /// Begins a message under a random id that no message has; see [Store#create].
    NewMessage create(RandomGenerator random);

    /// A random id for a new envelope; see [Store#newEnvelopeId].
    EvpId newEnvelopeId(MsgId message, RandomGenerator random);

    /// Makes a change, as a whole and durably; see [Store#commit].
    void commit(RecordTx tx, Consumer<StoreResult> done);

    /// Reads an envelope and its latest state.
    Stored load(EvpId id);

    /// The label of a message; empty if the message does not exist or was not begun.
    Optional<Bytes> label(MsgId message);

    /// The messages that exist, in no particular order, read as they are asked for: of those that
    /// come or go meanwhile, some may be met.
    Iterator<MsgId> messages();

    /// How many messages need each queue key, by its id.
    default Map<Long, Long> keys() {
        return KeyCheck.keys(this);
    }

    /// What the last change that had one said of all envelopes together; empty if there is none, or
    /// it is damaged. Throws [IOException] when it cannot be read now.
    Bytes roster() throws IOException;

    /// Whether changes that were never answered may have been lost in part at the last end.
    default boolean tornEnd() {
        return false;
    }

    /// The ids of a message's envelopes, ascending; empty if it does not exist.
    List<EvpId> envelopes(MsgId message);

    /// All envelopes in the order that is cheapest to read.
    RecordCursor walk();

    /// The envelopes with ids of at least `from` (all without it), ascending as unsigned numbers.
    RecordCursor list(Optional<EvpId> from);

    /// Holds a message whose content turned out not to be what was committed: it is not walked any
    /// more.
    void hold(MsgId message, String why);

    /// Keeps a copy of an envelope's bytes that turned out not to be what was committed, with the
    /// reason, for a human to look at.
    void hold(EvpId id, String why);

    /// How the store is.
    StoreStatus status();

    /// Ends the store: what was asked for is done and answered first.
    @Override
    void close();
}
