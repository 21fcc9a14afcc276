package smtpd.queue.store;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.util.List;
import java.util.Optional;

/// One change of a record store, made as a whole or not at all: a [StoreTx] in bytes whose meaning
/// the store does not know.
///
/// @param commit the message whose content becomes permanent, if any
/// @param relabel new labels of messages; those that do not exist are passed over
/// @param add envelopes of that message or of messages that exist already, under new ids
/// @param update new states of envelopes; those that do not exist are passed over
/// @param remove envelopes that have come to their end; those that do not exist are passed over
/// @param roster what [RecordStore#roster()] is from then on, if that changes
public record RecordTx(
        Optional<Commit> commit,
        List<Label> relabel,
        List<Item> add,
        List<Item> update,
        List<EvpId> remove,
        Optional<Bytes> roster) {
    /// Changes nothing.
    public static final RecordTx NOTHING =
            new RecordTx(Optional.empty(), List.of(), List.of(), List.of(), List.of());

    /// Takes copies of the lists.
    public RecordTx {
        relabel = List.copyOf(relabel);
        add = List.copyOf(add);
        update = List.copyOf(update);
        remove = List.copyOf(remove);
    }

    /// Leaves the roster as it is.
    public RecordTx(
            Optional<Commit> commit,
            List<Label> relabel,
            List<Item> add,
            List<Item> update,
            List<EvpId> remove) {
        this(commit, relabel, add, update, remove, Optional.empty());
    }

    /// Changes the roster alone.
    static RecordTx roster(Bytes roster) {
        return NOTHING.with(roster);
    }

    /// The same with a roster.
    public RecordTx with(Bytes newRoster) {
        return new RecordTx(commit, relabel, add, update, remove, Optional.of(newRoster));
    }

    /// The content of a message is complete.
    ///
    /// @param message the message
    /// @param size how many bytes were appended
    /// @param crc32c the CRC-32C (RFC 3720 §12.1) of all of them
    /// @param label what is to be known of the message to understand its bytes; may be empty, at
    ///   most [RecordStore#LABEL_MAX] bytes
    public record Commit(MsgId message, long size, int crc32c, Bytes label) {}

    /// What is to be known of a message to understand its bytes.
    ///
    /// @param message the message
    /// @param bytes the label, at most [RecordStore#LABEL_MAX] bytes
    public record Label(MsgId message, Bytes bytes) {}

    /// An envelope, or a state of it.
    ///
    /// @param id the envelope
    /// @param bytes its bytes; never empty
    public record Item(EvpId id, Bytes bytes) {}

    /// Whether it may wait for another's sync, like [StoreTx#mayWait()].
    public boolean mayWait() {
        return commit.isEmpty()
                && relabel.isEmpty()
                && add.isEmpty()
                && update.isEmpty()
                && !remove.isEmpty();
    }

    /// Whether it changes nothing: its answer comes when all before it is durable.
    public boolean isEmpty() {
        return commit.isEmpty()
                && relabel.isEmpty()
                && add.isEmpty()
                && update.isEmpty()
                && remove.isEmpty()
                && roster.isEmpty();
    }
}
