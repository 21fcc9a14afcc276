package smtpd.queue.store;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.MsgId;
import smtpd.queue.seal.Keyring;
import smtpd.queue.seal.MasterKey;
import smtpd.queue.seal.SealException;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.random.RandomGenerator;

/// Wraps the keys of every sealed message with the current key, batch by batch, while the queue
/// works. Content and envelopes stay as they are.
final class Rekeying {
    /// Messages of one transaction.
    private static final int BATCH = 200;

    /// Messages looked at before the next word that it is under way: most may need nothing.
    private static final int LOOKS = 10_000;

    private final RecordStore records;
    private final Keyring ring;
    private final RandomGenerator secret;
    private final IntConsumer underWay;
    private final Consumer<Store.Rekeyed> done;
    private final Iterator<MsgId> left;
    private int wrapped;
    private int unreadable;

    Rekeying(
            RecordStore records,
            Keyring ring,
            RandomGenerator secret,
            IntConsumer underWay,
            Consumer<Store.Rekeyed> done) {
        this.records = records;
        this.ring = ring;
        this.secret = secret;
        this.underWay = underWay;
        this.done = done;
        this.left = records.messages();
    }

    /// Does the next batch, and after it the others.
    void go() {
        List<RecordTx.Label> labels = new ArrayList<>();
        for (int looks = 0; left.hasNext() && labels.size() < BATCH && looks < LOOKS; looks++) {
            relabel(left.next()).ifPresent(labels::add);
        }
        underWay.accept(wrapped);
        if (labels.isEmpty() && left.hasNext()) {
            Thread.startVirtualThread(this::go);
            return;
        }
        if (labels.isEmpty()) {
            done.accept(new Store.Rekeyed(wrapped, unreadable, StoreResult.DONE));
            return;
        }
        RecordTx tx = new RecordTx(Optional.empty(), labels, List.of(), List.of(), List.of());
        records.commit(
                tx,
                result -> {
                    if (result instanceof StoreResult.Done) {
                        wrapped += labels.size();
                        // not by the committer, which is not to be kept
                        Thread.startVirtualThread(this::go);
                    } else {
                        done.accept(new Store.Rekeyed(wrapped, unreadable, result));
                    }
                });
    }

    private Optional<RecordTx.Label> relabel(MsgId message) {
        MasterKey current = ring.current().orElseThrow();
        Optional<Bytes> label = records.label(message);
        if (label.isEmpty() || !MessageLabel.isSealed(label.get())) {
            return Optional.empty();
        }
        try {
            if (MessageLabel.keyId(label.get()) == current.id()) {
                return Optional.empty();
            }
            MessageLabel opened = MessageLabel.decode(message, label.get(), ring);
            return Optional.of(new RecordTx.Label(message, opened.encode(message, ring, secret)));
        } catch (CorruptException | SealException _) {
            unreadable++;
            return Optional.empty();
        }
    }
}
