package smtpd.queue.store;

import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.util.List;
import java.util.Optional;

/// One change of the store, made as a whole or not at all.
///
/// A message exists from the transaction that commits it until the one that removes its last
/// envelope. Additions take effect before removals: replacing a message's last envelope by a bounce
/// does not end the message.
///
/// @param commit the message whose content becomes permanent, if any; `add` then names at least one
///   envelope of it
/// @param add envelopes of that message or of messages that exist already, under new ids
/// @param update new states of envelopes; those that do not exist are passed over
/// @param remove envelopes that have come to their end; those that do not exist are passed over
public record StoreTx(
        Optional<Commit> commit, List<Envelope> add, List<StateUpdate> update, List<EvpId> remove) {
    /// Changes nothing.
    public static final StoreTx NOTHING =
            new StoreTx(Optional.empty(), List.of(), List.of(), List.of());

    /// Takes copies of the lists; throws [IllegalArgumentException] when a commit has no envelope.
    public StoreTx {
        add = List.copyOf(add);
        update = List.copyOf(update);
        remove = List.copyOf(remove);
        if (commit.isPresent()) {
            MsgId message = commit.get().message();
            if (add.stream().noneMatch(envelope -> envelope.msgid().equals(message))) {
                throw new IllegalArgumentException("message " + message + " without envelopes");
            }
        }
    }

    /// The content of a message is complete.
    ///
    /// @param message the message
    /// @param size how many bytes were appended
    /// @param crc32c the CRC-32C (RFC 3720 §12.1) of all of them
    public record Commit(MsgId message, long size, int crc32c) {}

    /// An envelope fared on.
    ///
    /// @param id the envelope
    /// @param state its new state
    public record StateUpdate(EvpId id, Envelope.State state) {}

    /// Makes a message exist.
    public static StoreTx accept(Commit commit, List<Envelope> envelopes) {
        return new StoreTx(Optional.of(commit), envelopes, List.of(), List.of());
    }

    /// Notes how deliveries ended.
    public static StoreTx results(List<StateUpdate> update, List<EvpId> remove) {
        return new StoreTx(Optional.empty(), List.of(), update, remove);
    }

    /// Replaces a failed envelope by the bounce that tells of it.
    public static StoreTx bounce(EvpId failed, Envelope bounce) {
        return new StoreTx(Optional.empty(), List.of(bounce), List.of(), List.of(failed));
    }

    /// Puts a report in the place of the bounce envelopes it answers.
    public static StoreTx report(Commit commit, List<Envelope> envelopes, List<EvpId> bounces) {
        return new StoreTx(Optional.of(commit), envelopes, List.of(), bounces);
    }

    /// Whether it may wait for another's sync: it only removes. Losing a removal in a crash means
    /// trying a delivery again, which is what a crash just before it would have meant anyway.
    public boolean mayWait() {
        return commit.isEmpty() && add.isEmpty() && update.isEmpty() && !remove.isEmpty();
    }

    /// Whether it changes nothing: its answer comes when all before it is durable.
    public boolean isEmpty() {
        return commit.isEmpty() && add.isEmpty() && update.isEmpty() && remove.isEmpty();
    }
}
