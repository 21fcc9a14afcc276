package smtpd.queue.store;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.random.RandomGenerator;

/// Messages and envelopes on stable storage.
///
/// Changes are asked for, and take effect in the order they were asked; the answers come later
/// (those to commits in that order too), by a thread of the store's choosing, which may be the
/// caller's: what is told to a `done` must be brief and must not throw. Everything may be called by
/// any thread. No method throws for what a disk does; that is [Refused].
///
/// Promise: when [#commit] says [StoreResult.Done] for a transaction, it survives the death of the
/// process and of the machine (not for stores that say otherwise); one that was not answered is
/// afterwards there whole or not at all.
public interface Store extends AutoCloseable {
    /// Most bytes of one append: the largest content frame between processes.
    int CHUNK_MAX = 64 * 1024;

    /// Begins a message under a random id that no message has; it does not exist until committed.
    /// Refused while the disk is too full for new mail, or has failed.
    NewMessage create(RandomGenerator random);

    /// A random id for a new envelope of a message that exists or was begun; not given twice while
    /// the message is begun, never one that the message has. Throws [IllegalArgumentException] for
    /// another message.
    EvpId newEnvelopeId(MsgId message, RandomGenerator random);

    /// Adds 1 to [#CHUNK_MAX] bytes of content to a message that was begun. Done means written, not
    /// durable. When it is refused, the message can only be rolled back.
    void append(MsgId message, Bytes chunk, Consumer<StoreResult> done);

    /// Gives up a message that was begun; what is not known is passed over.
    void rollback(MsgId message);

    /// Makes a change, as a whole and durably. A [StoreTx#mayWait()] one may be answered a little
    /// later than others, so that it shares their sync.
    void commit(StoreTx tx, Consumer<StoreResult> done);

    /// Reads an envelope.
    Loaded load(EvpId id);

    /// The ids of a message's envelopes, ascending; empty if it does not exist.
    List<EvpId> envelopes(MsgId message);

    /// Opens the content of a message that exists; empty if it does not.
    Optional<Content> content(MsgId message);

    /// All envelopes in the order that is cheapest to read: for the scheduler, at start.
    EnvelopeCursor walk();

    /// The envelopes with ids of at least `from` (all without it), ascending as unsigned numbers:
    /// for listings.
    EnvelopeCursor list(Optional<EvpId> from);

    /// Wraps the keys of all sealed messages with the current key, while everything else goes on;
    /// `underWay` is told again and again how many there are, `done` when all are durable. A store
    /// that seals nothing has nothing to do.
    default void rekey(IntConsumer underWay, Consumer<Rekeyed> done) {
        done.accept(new Rekeyed(0, 0, StoreResult.DONE));
    }

    /// What [#rekey] did.
    ///
    /// @param wrapped how many messages have another key now
    /// @param unreadable how many cannot be opened and stay as they are
    /// @param result how it ended
    record Rekeyed(int wrapped, int unreadable, StoreResult result) {}

    /// How the store is.
    StoreStatus status();

    /// Ends the store: what was asked for is done and answered first.
    @Override
    void close();
}
